// Owns what a test runner's output says: how many tests passed, failed, were skipped or could not run.
import { BunReader } from "./formats/buntest.ts";
import { CargoReader } from "./formats/cargo.ts";
import { GoReader } from "./formats/gotest.ts";
import { JestReader } from "./formats/jest.ts";
import { forEachLine } from "./formats/lines.ts";
import { MochaReader } from "./formats/mocha.ts";
import { NextestReader } from "./formats/nextest.ts";
import { NodeReader } from "./formats/nodetest.ts";
import { PytestReader } from "./formats/pytest.ts";
import {
  addCounts,
  CERTAINTIES,
  type Counts,
  type Framework,
  type NamedTest,
  NO_TESTS,
  type Reader,
  type Run,
} from "./formats/types.ts";
import { UnittestReader } from "./formats/unittest.ts";
import { VitestReader } from "./formats/vitest.ts";

export type { Framework, NamedTest, TestStatus } from "./formats/types.ts";

/** The reading of one output. All numbers are of tests, summed over the runs. */
export type TestReport = Counts & {
  /** Frameworks that the numbers come from. */
  readonly frameworks: readonly Framework[];
  /** Tests that the output names; many forms name only failures, and Go's subtests are listed too. */
  readonly tests: readonly NamedTest[];
  /** Summaries counted; 0 when no runner finished. */
  readonly runs: number;
  /** False when no runner printed its summary: the numbers then come from single result lines. */
  readonly summary: boolean;
};

const MOST_BLANK_LINES = 10;
const READERS: readonly (new () => Reader)[] = [
  PytestReader,
  UnittestReader,
  GoReader,
  CargoReader,
  NextestReader,
  JestReader,
  VitestReader,
  BunReader,
  NodeReader,
  MochaReader,
];

/**
 * Reads what test runners printed, each by its own summary rules. Several runs in one output are
 * summed. A summary inside another runner's stretch of lines was printed by the program under test and
 * does not count. Pure, never throws; time is linear in the output's length.
 */
export function readTestOutput(output: string): TestReport {
  const readers = READERS.map((OneReader) => new OneReader());
  let blank = 0;
  forEachLine(output, (text, number) => {
    // No form has a meaning for more; a program that prints nothing else would cost minutes.
    blank = text === "" ? blank + 1 : 0;
    if (blank > MOST_BLANK_LINES) return;
    for (const reader of readers) reader.line(text, number);
  });
  const runs = surest(readers.flatMap((reader) => reader.end()));
  const summary = runs.some((run) => run.certainty !== "partial");
  return {
    ...runs.map((run) => run.counts).reduce(addCounts, NO_TESTS),
    frameworks: [...new Set(runs.map((run) => run.framework))],
    tests: runs.flatMap((run) => run.tests),
    runs: summary ? runs.length : 0,
    summary,
  };
}

/** The runs of the best certainty present; of unfinished ones only those of the framework that began first. */
function surest(runs: readonly Run[]): readonly Run[] {
  for (const certainty of CERTAINTIES) {
    const equal = outermost(runs.filter((run) => run.certainty === certainty));
    const [first] = equal;
    if (!first) continue;
    return certainty === "partial"
      ? equal.filter((run) => run.framework === first.framework)
      : equal;
  }
  return [];
}

/** Without the runs that lie inside a run of another framework; in order of their first lines. */
function outermost(runs: readonly Run[]): Run[] {
  const sorted = [...runs].sort((a, b) => a.first_line - b.first_line || b.last_line - a.last_line);
  const furthest = new Map<Framework, number>();
  return sorted.filter((run) => {
    for (const [framework, last_line] of furthest)
      if (framework !== run.framework && last_line >= run.last_line) return false;
    furthest.set(run.framework, Math.max(furthest.get(run.framework) ?? 0, run.last_line));
    return true;
  });
}
