// Owns reading a folder of test outputs: per file what was announced, concluded and counted, and the result.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import type { SuiteMark, SuiteOutcome } from "../core/vocabulary.ts";
import { readTestBytes, type Unit } from "./counts.ts";
import type { Counts, Origin } from "./formats/types.ts";
import { judge } from "./judging.ts";

export type FileReading = {
  /** Path within the folder. */
  readonly file: string;
  readonly frameworks: readonly string[];
  readonly announced: number;
  readonly concluded: number;
  /** What was announced and did not conclude. */
  readonly unfinished: readonly Unit[];
  readonly counted: Counts;
  /** For a runner that exits 0. */
  readonly passed: boolean;
  readonly outcome: SuiteOutcome;
  readonly marks: readonly SuiteMark[];
};

/** Reads every file below a folder, by name. Throws UsageError where there is no such folder. */
export async function* readFolder(folder: string, origin: Origin): AsyncGenerator<FileReading> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`there is no folder at ${folder}: name one that holds test outputs`);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(pathOf);
  for (const path of paths.sort()) {
    const report = await readTestBytes(readFileSync(path), origin);
    const ending = { exit_code: 0, timed_out: false, oom_killed: false };
    const { outcome, marks } = judge(ending, report, undefined);
    const { passed, failed, skipped, errors, frameworks, units } = report;
    const unfinished = units.filter(({ concluded }) => !concluded);
    yield {
      file: path.slice(folder.length).replace(/^\/+/, ""),
      frameworks,
      announced: units.length,
      concluded: units.length - unfinished.length,
      unfinished,
      counted: { passed, failed, skipped, errors },
      passed: outcome === "passed",
      outcome,
      marks,
    };
  }
}

const pathOf = (entry: { readonly parentPath: string; readonly name: string }): string =>
  join(entry.parentPath, entry.name);
