// Owns the results of an agent's commands: kept with the attempt, and returned in a replay where only clocks differ.
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import type { ExecResult } from "../sandbox/sandbox.ts";

const commandLine = z.object({
  exit_code: z.number().int(),
  timed_out: z.boolean(),
  oom_killed: z.boolean(),
  dropped_bytes: z.number().int().nonnegative(),
  /** Base64: programs may print any bytes. */
  output: z.base64(),
  left_running: z.number().int().positive().exactOptional(),
});
/** A command's result without the time it took. */
export type CommandResult = Omit<ExecResult, "duration_ms">;
/** A command that was run: its text, and the step that asked for it (null before the first). */
export type RanCommand = CommandResult & {
  readonly command: string;
  readonly step: number | null;
  readonly duration_ms: number;
};

/** JSON lines, compressed: one command per line, in the order they were run. */
export function packCommands(results: readonly CommandResult[]): Uint8Array {
  const lines = results.map(({ exit_code, timed_out, oom_killed, dropped_bytes, ...rest }) => {
    const output = Buffer.from(rest.output).toString("base64");
    const left = rest.left_running === undefined ? {} : { left_running: rest.left_running };
    return JSON.stringify({ exit_code, timed_out, oom_killed, dropped_bytes, output, ...left });
  });
  return Bun.zstdCompressSync(Buffer.from(lines.join("\n")));
}

/** The reverse of {@link packCommands}. Throws Fault `bad_file` naming `path`. */
export function unpackCommands(bytes: Uint8Array, path: string): CommandResult[] {
  try {
    const text = Buffer.from(Bun.zstdDecompressSync(bytes)).toString("utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { output, ...rest } = commandLine.parse(JSON.parse(line));
        return { ...rest, output: Buffer.from(output, "base64") };
      });
  } catch (error) {
    throw new Fault("bad_file", `${path} is damaged`, {
      hint: "remove it: the replay then keeps the output of its own commands",
      cause: error,
    });
  }
}

/**
 * The recorded result when the fresh one says the same but for clocks: durations, times of day, dates, ids of commits
 * (which hold a date), names of local sandboxes' folders (which hold a process id). Else the fresh one.
 */
export function sameButForClocks(
  fresh: ExecResult,
  recorded: CommandResult | undefined,
): ExecResult {
  if (recorded === undefined || recorded.exit_code !== fresh.exit_code) return fresh;
  if (recorded.timed_out !== fresh.timed_out) return fresh;
  if (withoutClocks(recorded.output) !== withoutClocks(fresh.output)) return fresh;
  return { ...recorded, duration_ms: fresh.duration_ms };
}

const NUMBER = String.raw`\d+(?:[.,]\d+)?`;
/** Text is looked at byte by byte, so the micro sign is two characters. */
const UNIT = String.raw`(?:ns|\u00c2\u00b5s|us|ms|s|sec|secs|seconds?|m|min|mins|minutes?)`;
/** Patterns in order, each with what stands for it. */
const CLOCKS: readonly (readonly [RegExp, string])[] = [
  [/\/tandem-\d+\/\.tmp\/\d+(?:\.[0-9a-f]{16})?-\d+-[\w.~-]+/g, "/F"],
  // Test runners omit a duration of zero, brackets and all.
  [new RegExp(String.raw` ?[[(]${NUMBER} ?${UNIT}[\])]`, "g"), ""],
  [/\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z| ?[+-]\d{2}:?\d{2})?)?/g, "D"],
  [
    /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2}\b/g,
    "D",
  ],
  [/\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\b/g, "T"],
  [new RegExp(String.raw`\b${NUMBER} ?${UNIT}\b`, "g"), "N"],
  // Ids of commits, short or whole. One of digits only is known by where git writes it; else it is a number.
  // A branch's name holds no bracket: without saying so, a long row of them costs quadratic time.
  [/(\.\.|commit |now at |\[[^\s[]+ (?:\(root-commit\) )?)\d{7,12}(?=\]|\s|$)/gm, "$1H"],
  [/\b\d{7,12}(?=\.\.)|^\d{7}(?=\s)/gm, "H"],
  [/\b(?=[0-9]*[a-f])(?:[0-9a-f]{7,12}|[0-9a-f]{40})\b/g, "H"],
];

function withoutClocks(output: Uint8Array): string {
  const text = Buffer.from(output).toString("latin1");
  return CLOCKS.reduce((left, [pattern, word]) => left.replace(pattern, word), text);
}
