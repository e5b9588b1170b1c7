// Owns the files of an attempt that its replay needs: calls, results of commands, which pushes fetches took, the order.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import { jsonText, writeUnsettled } from "../core/files.ts";
import { type AttemptId, attemptKey } from "../core/keys.ts";
import { callLines } from "../model/metered.ts";
import { packRecording, RECORDING_FILES } from "../model/recording.ts";
import { type FetchTaken, fetchList } from "../team/git.ts";
import { packCommands, unpackCommands } from "./commands.ts";
import type { RunConfig } from "./config.ts";
import type { AgentReport, RecordedAttempt } from "./plan.ts";

/** What a replay needs besides the calls: the order of events, the results of commands, and what fetches took. */
const ORDER_FILE = "order.json";
const COMMANDS_FILE = "commands.jsonl.zst";
const FETCHES_FILE = "fetches.json";
/** Names of all files that a replay needs, in any of their forms. */
export const RECORDED_FILES: readonly string[] = [
  ...RECORDING_FILES,
  ...[ORDER_FILE, COMMANDS_FILE, FETCHES_FILE],
];

/**
 * What was kept of an attempt for its replay; undefined when it went before such things were kept.
 * Throws Fault `bad_file`.
 */
export function readRecorded(
  log_dir: string,
  config: Pick<RunConfig, "setting">,
  attempt: AttemptId,
): RecordedAttempt | undefined {
  const folder = join(log_dir, attemptKey(attempt));
  const path = join(folder, ORDER_FILE);
  if (!existsSync(path)) return undefined;
  const order = readList(path, z.array(z.string()), "replay without the recorded order");
  const agent_ids = [...new Set(order.map((event) => event.slice(0, event.indexOf(" "))))];
  const ofEach = <T>(name: string, read: (file: string) => readonly T[]) =>
    new Map(
      agent_ids.map((agent_id) => {
        const file = join(folder, agentFolder(config, agent_id), name);
        return [agent_id, existsSync(file) ? read(file) : []];
      }),
    );
  return {
    order,
    commands: ofEach(COMMANDS_FILE, (file) => unpackCommands(readFileSync(file), file)),
    fetches: ofEach<FetchTaken>(FETCHES_FILE, (file) =>
      readList(file, fetchList, "let fetches take whatever is there"),
    ),
  };
}

/** A list of what happened in an attempt. Throws Fault `bad_file`, which says what to do without it. */
function readList<T>(path: string, form: z.ZodType<T>, without: string): T {
  try {
    return form.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new Fault("bad_file", `${path} is damaged`, {
      hint: `remove it to ${without}`,
      cause: error,
    });
  }
}

/** The folder of one agent inside the attempt's. */
export function agentFolder({ setting }: Pick<RunConfig, "setting">, agent_id: string): string {
  return setting === "solo" ? "solo" : agent_id;
}

/** Writes an agent's files of these into its folder. */
export function writeRecorded(place: string, agent: AgentReport): void {
  if (agent.model)
    writeUnsettled(join(place, RECORDING_FILES[0]), packRecording(callLines(agent.model)));
  if (agent.commands.length > 0)
    writeUnsettled(join(place, COMMANDS_FILE), packCommands(agent.commands));
  if (agent.fetches?.length) writeUnsettled(join(place, FETCHES_FILE), jsonText(agent.fetches));
}

/** Writes the order of events into the attempt's folder; none is written when nothing was shared. */
export function writeOrder(folder: string, order: readonly string[]): void {
  if (order.length > 0) writeUnsettled(join(folder, ORDER_FILE), jsonText(order));
}
