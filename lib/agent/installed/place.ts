// Owns what is laid into a sandbox before an agent program starts: its configuration, its prompt, and its environment.
import { join } from "node:path";
import { Fault } from "../../core/fault.ts";
import type { Sandbox, SandboxFile } from "../../sandbox/sandbox.ts";
import { fill } from "../templates.ts";
import { launching, PYTHON_COMMAND } from "./interpreter.ts";
import {
  GATEWAY_VARIABLE,
  type PROGRAM_VARIABLES,
  type Program,
  TOKEN_VARIABLE,
} from "./program.ts";

const PREPARE_MS = 120_000;

export type PlaceRequest = {
  readonly program: Program;
  readonly sandbox: Sandbox;
  readonly prompt: string;
  readonly token: string;
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The model's name as the program is to say it. */
  readonly model: string;
  readonly max_steps: number;
  readonly messaging: boolean;
  readonly signal: AbortSignal;
};
type View = Readonly<Record<(typeof PROGRAM_VARIABLES)[number], string | number | boolean>>;
export type Place = {
  readonly view: View;
  /** Of the environment; it is removed by the command that reads it. */
  readonly keys_file: string;
  readonly home: string;
};

/** Fills the templates of the program's file and writes what they say. Throws Fault `setup_failed`. */
export async function layPlace(request: PlaceRequest): Promise<Place> {
  const { program, sandbox, prompt, token, signal } = request;
  const { work_path: work, program_path = "" } = sandbox;
  const { home, python } = await homeOf(sandbox, program_path, signal);
  const gateway_url = sandbox.gateway_url ?? "";
  const prompt_file = join(work, "prompt.txt");
  const keys_file = join(work, "program.env");
  const { model, max_steps, messaging } = request;
  const base = {
    ...{ program: program_path, home, work, repo: sandbox.repo_path, prompt_file, gateway_url },
    ...{ mcp_url: `${gateway_url}/mcp`, model, max_steps, messaging, tool: "", ...machine() },
    python: launching(python, program_path),
  };
  const view = { ...base, bin: fill(program.bin, base) };
  const env = Object.entries(program.env).map(
    ([name, value]) => [name, fill(value, { ...view, token })] as const,
  );
  const own = [
    [TOKEN_VARIABLE, token],
    [GATEWAY_VARIABLE, gateway_url],
    ...Object.entries(request.env ?? {}),
  ] as const;
  const files: SandboxFile[] = [
    ...Object.entries(program.files).map(([path, template]) => ({
      path: join(home, path),
      bytes: Buffer.from(fill(template, view)),
    })),
    { path: prompt_file, bytes: Buffer.from(prompt) },
    { path: keys_file, bytes: Buffer.from([...own, ...env].map(exported).join("")) },
  ];
  await sandbox.putAll(files);
  return { view, keys_file, home };
}

function machine(): { readonly arch: string; readonly cpu: string } {
  return process.arch === "arm64"
    ? { arch: "arm64", cpu: "aarch64" }
    : { arch: "x64", cpu: "x86_64" };
}

/** The home of the sandbox's commands, with what the program left in a home when it was warmed; and the Python of the program. */
async function homeOf(
  sandbox: Sandbox,
  program_path: string,
  signal: AbortSignal,
): Promise<{ home: string; python: string }> {
  const brought = `${program_path}/${PYTHON_COMMAND}`;
  const script = `mkdir -p "$HOME" && { [ ! -d '${program_path}/home' ] || cp -a '${program_path}/home/.' "$HOME/"; } && printf '%s' "$HOME" && { [ ! -e '${brought}' ] || printf '\n%s' '${brought}'; }`;
  const options = { timeout_ms: PREPARE_MS, signal, program: true, cwd: "/" };
  const { exit_code, output } = await sandbox.exec(script, options);
  const said = Buffer.from(output).toString("utf8");
  const [home = "", python = "python3"] = said.split("\n");
  if (exit_code === 0 && home.startsWith("/")) return { home, python };
  throw new Fault("setup_failed", `the home for an agent's program could not be made: ${said}`, {
    hint: "the sandbox needs a HOME that its commands may write to",
  });
}

function exported([name, value]: readonly [string, string]): string {
  return `export ${name}=${quoted(value)}\n`;
}

/** A text as one word of a shell. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
