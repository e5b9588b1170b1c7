// Owns calling the scripts as a user does, for tests: a place of its own, real processes, captured streams.
import { join } from "node:path";
import { temporaryFolder } from "../lib/core/testing.ts";

export type Called = { readonly code: number; readonly stdout: string; readonly stderr: string };
export type Call = { readonly stdin?: string; readonly env?: Record<string, string> };

/** A temporary folder with a ledger, logs and a dataset folder of its own; `call("merge", ["-n", "x"])` runs a script there. */
export function place() {
  const folder = temporaryFolder("tandem-cli");
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const flags = (script: string) => {
    const places = ["--ledger", at("ledger.sqlite")];
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
    async call(script: string, args: readonly string[], call: Call = {}): Promise<Called> {
      return await ended(start(script, args, call));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
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
