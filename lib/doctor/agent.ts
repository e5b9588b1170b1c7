// Owns the check of an agent program: one turn of it behind a scripted model, and what of it works.
import { resolve } from "node:path";
import type { Program } from "../agent/installed/program.ts";
import { agentName, loadAgent } from "../agent/registry.ts";
import { openPrograms } from "../attempt/programs.ts";
import { CHANNEL_MARK, SHELL_MARK, TRIAL_TASK, type Trial, tryProgram } from "../attempt/trial.ts";
import { asFault, UsageError } from "../core/fault.ts";
import type { Finding } from "../core/finding.ts";
import type { ChatTurn } from "../model/model.ts";
import { type BackendOptions, openBackend } from "../sandbox/registry.ts";

export type AgentLook = {
  readonly agent: string;
  readonly backend: string;
  /** The backend's own. */
  readonly backend_options?: BackendOptions;
  readonly log_dir: string;
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
};

const MOST_MS = 5 * 60_000;

/** One finding per part. Throws UsageError for an agent that is not a program. */
export async function checkAgent(look: AgentLook): Promise<Finding[]> {
  const { agent: name, backend: backend_name, backend_options: options = {} } = look;
  const { log_dir, signal, say } = look;
  const { program } = await loadAgent(agentName(name));
  if (program === undefined)
    throw new UsageError(`${name} is not an agent program: there is nothing to try`);
  const of = { name: backend_name, log_dir, hidden: [], unsafe_local: false, options };
  const backend = await openBackend(of);
  await using programs = await openPrograms({
    backend,
    cache_dir: resolve(log_dir, ".cache"),
    say,
  });
  const findings: Finding[] = [];
  try {
    const folder = await programs.folderOf(program, TRIAL_TASK, signal);
    const found =
      folder === undefined ? "nothing to install" : `${program.version} in ${folder.source}`;
    findings.push({ part: "installed", state: "good", found });
    const { port } = programs;
    const trial = await tryProgram({
      program,
      backend,
      port,
      folder,
      max_wall_ms: MOST_MS,
      signal,
    });
    return [...findings, ...findingsOf(trial, program)];
  } catch (error) {
    signal.throwIfAborted();
    const { message, hint } = asFault(error);
    const part = findings.length === 0 ? "installed" : "starts";
    return [...findings, { part, state: "missing", found: message, hint }];
  }
}

/** Each is what a program must do for runs of it to mean anything; tools of the port are a convenience. */
export function findingsOf({ asked, result }: Trial, { wire, mcp_tool }: Program): Finding[] {
  const shown = resultsOf(asked.flatMap(({ turns }) => turns));
  const shell = shown.find((text) => text.includes(SHELL_MARK));
  const channel = shell?.includes(CHANNEL_MARK) ?? false;
  const tool = shown.some((text) => text.includes(CHANNEL_MARK) && !text.includes(SHELL_MARK));
  const notes = result.taken?.notes?.join("; ");
  return [
    { part: "starts", state: "good", found: `asked its model ${asked.length} times` },
    { part: "wire", state: "good", found: wire },
    good("tool call", shell !== undefined, "its shell ran a command", "no command was run"),
    good("shell command", channel, "tandem_who answered", "tandem_who did not answer in its shell"),
    tool || mcp_tool === undefined
      ? {
          part: "MCP",
          state: "good",
          found: tool ? "tandem_who answered" : "not used: the shell commands are",
        }
      : {
          part: "MCP",
          state: "poor",
          found: "its model was not offered the tools",
          hint: "the shell commands do the same",
        },
    good(
      "ends",
      result.limit_reached === null && notes === undefined,
      "by itself, and hands in",
      notes ?? `at its limit of ${result.limit_reached}`,
    ),
  ];
}

function good(part: string, is: boolean, found: string, otherwise: string): Finding {
  if (is) return { part, state: "good", found };
  return {
    part,
    state: "missing",
    found: otherwise,
    hint: "see docs/agents.md on what a program's file says",
  };
}

/** What tools answered, each once. */
function resultsOf(turns: readonly ChatTurn[]): string[] {
  return [...new Set(turns.flatMap((turn) => (turn.role === "tool" ? [turn.content] : [])))];
}
