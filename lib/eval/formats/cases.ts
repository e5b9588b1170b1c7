// Owns how a table of outputs is checked: every case is one output and what must be read from it.
import { expect, test } from "bun:test";
import {
  type Framework,
  type Origin,
  readTestBytes,
  readWith,
  type TestReport,
} from "../counts.ts";
import { FORMATS, loadFormats } from "./registry.ts";

const ALL = await loadFormats(FORMATS);

/** The reading of an output by every format. */
export const readTestOutput = (output: string, origin?: Origin): TestReport =>
  readWith(ALL, output, origin);

export type Case = {
  readonly title: string;
  readonly output: string;
  /** Passed, failed, skipped, errors. */
  readonly counts: readonly [number, number, number, number];
  /** Summaries counted, 1 unless said; 0 means that no summary must be found. */
  readonly runs?: number;
  /** The tests that must be named, as `status name`; not looked at unless given. */
  readonly tests?: readonly string[];
  readonly origin?: Origin;
};

/** One bun test per case; `framework` is where the numbers must come from (none when all is zero without a run). */
export function checkCases(framework: Framework, cases: readonly Case[]): void {
  for (const { title, output, counts, runs = 1, tests, origin } of cases)
    test(title, async () => {
      const report = readTestOutput(output, origin);
      const { passed, failed, skipped, errors } = report;
      expect([passed, failed, skipped, errors]).toEqual([...counts]);
      expect({ runs: report.runs, summary: report.summary }).toEqual({ runs, summary: runs > 0 });
      const nothing = runs === 0 && counts.every((count) => count === 0);
      expect([...report.frameworks]).toEqual(nothing ? [] : [framework]);
      const named = report.tests.map((one) => `${one.status} ${one.name}`);
      // Formats that no line matches are not needed.
      expect(await readTestBytes(Buffer.from(output), origin)).toEqual(report);
      if (tests) expect(named).toEqual([...tests]);
    });
}
