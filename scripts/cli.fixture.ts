// Owns calling the scripts as a user does, for tests: a place of its own, captured streams, a process of its own or this one.
import { join } from "node:path";
import { commandBehind } from "../lib/cli/doors.ts";
import { COMMANDS } from "../lib/cli/groups.ts";
import { runCommand } from "../lib/cli/step.ts";
import { redact, redactBytes } from "../lib/core/redact.ts";
import { temporaryFolder } from "../lib/core/testing.ts";

export type Called = { readonly code: number; readonly stdout: string; readonly stderr: string };
/** `columns`: the streams are a terminal of that width, in this process only. */
type Surroundings = { readonly env?: Record<string, string>; readonly columns?: number };
export type Call = Surroundings & { readonly stdin?: string };

/**
 * A temporary folder with a ledger, logs and a dataset folder of its own; `call("merge", ["-n", "x"])` runs a command there
 * in this process, one call after the other, and `apart` and `start` run the script as a process.
 */
export function place() {
  const folder = temporaryFolder("tandem-cli");
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const flags = (script: string) => {
    if (script === "warm-agents") return ["--log-dir", at("logs")];
    const places = ["--ledger", at("ledger.sqlite")];
    if (["ctl", "annotate"].includes(script)) return places;
    if (!["fetch-dataset", "sample-subset", "report", "status"].includes(script))
      places.push("--log-dir", at("logs"));
    if (!["demo", "clean", "status", "check-ledger", "archive", "view"].includes(script))
      places.push("--dataset-dir", at("dataset"));
    return places;
  };
  const start = (script: string, args: readonly string[], call: Call = {}) =>
    Bun.spawn(["bun", join(import.meta.dir, `${script}.ts`), ...args, ...flags(script)], {
      cwd: folder.path,
      env: { ...process.env, ...call.env },
      stdin: Buffer.from(call.stdin ?? ""),
      stdout: "pipe",
      stderr: "pipe",
    });
  return {
    path: folder.path,
    at,
    start,
    async apart(script: string, args: readonly string[], call: Call = {}): Promise<Called> {
      return await ended(start(script, args, call));
    },
    async call(script: string, args: readonly string[], call: Call = {}): Promise<Called> {
      // A test's own standard input cannot be given to a command.
      if (call.stdin !== undefined || !COMMANDS.includes(script))
        return await ended(start(script, args, call));
      return await inTurn(() => within(folder.path, script, [...args, ...flags(script)], call));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

let last: Promise<unknown> = Promise.resolve();

/** A command changes this process's folder, variables and streams: there is one at a time. */
function inTurn(act: () => Promise<Called>): Promise<Called> {
  const turn = last.then(act);
  last = turn.catch(() => undefined);
  return turn;
}

/** {@link place}'s `call` in any folder, with no flags but these. */
export const callIn = (
  folder: string,
  script: string,
  args: readonly string[],
  around: Surroundings = {},
): Promise<Called> => inTurn(() => within(folder, script, args, around));

/** Runs a command in this process as if it had been started in `folder`, its streams being pipes unless there are columns. */
async function within(
  folder: string,
  script: string,
  argv: readonly string[],
  { env = {}, columns }: Surroundings = {},
): Promise<Called> {
  const command = await commandBehind(script);
  const [stdout, stderr] = [captured("stdout", columns), captured("stderr", columns)];
  const [from, before] = [process.cwd(), { ...process.env }];
  process.chdir(folder);
  Object.assign(process.env, env);
  try {
    const code = await runCommand(command, argv);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
    process.chdir(from);
    for (const stream of [stdout, stderr]) stream[Symbol.dispose]();
  }
}

/** Takes what is written to a stream of this process, as a pipe would get it, or a terminal of so many columns. */
function captured(
  name: "stdout" | "stderr",
  width: number | undefined,
): Disposable & { readonly text: () => string } {
  const stream = process[name];
  const { write, isTTY, columns } = stream;
  const chunks: Buffer[] = [];
  const take = (chunk: string | Uint8Array, how?: unknown, done?: unknown) => {
    chunks.push(Buffer.from(typeof chunk === "string" ? redact(chunk) : redactBytes(chunk)));
    for (const after of [how, done]) if (typeof after === "function") queueMicrotask(() => after());
    return true;
  };
  Object.assign(stream, { write: take, isTTY: width !== undefined, columns: width });
  return {
    text: () => Buffer.concat(chunks).toString(),
    [Symbol.dispose]: () => void Object.assign(stream, { write, isTTY, columns }),
  };
}

/** What a process said and how it ended. */
export async function ended(child: Bun.ReadableSubprocess): Promise<Called> {
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** The JSON lines of a standard output. Throws when a line is no JSON object. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed !== "object" || parsed === null) throw new TypeError(`no object: ${line}`);
      return { ...parsed };
    });
}
