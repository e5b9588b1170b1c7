// Owns the result of a check: as it should be, not, unknown, or varying, and why.
import type { Check, CheckRow, SuiteResultRow } from "../../db/schema.ts";

/** One run of a check's suite. */
export type CheckRun = Pick<
  SuiteResultRow,
  "outcome" | "passed" | "failed" | "skipped" | "errors" | "tests" | "marks"
>;
export type CheckFinding = Pick<CheckRow, "good" | "unknown" | "flaky" | "cause" | "outcomes">;
/** What else is known about the feature. */
export type CheckFacts = {
  /** The output proves that none of the tests that the tests patch adds ran. */
  readonly ran_none: boolean;
  /** Names of the tests that the tests patch adds. */
  readonly added: readonly string[];
  /**
   * How the same suite ends with every feature in place; undefined if the dataset does not say how they go together.
   */
  readonly combined: SuiteResultRow["outcome"] | undefined;
  /** How it ends with the feature's reference patch alone. */
  readonly gold: SuiteResultRow["outcome"] | undefined;
};
export type CheckState = "good" | "bad" | "unknown";

/**
 * Tests alone are good when they ran and failed, or when nothing could be built or imported (a suite without one test is
 * a result only where the reference patch's ran). Whatever else but a pass proves nothing. With the features in place a
 * pass is good whose output is read to its end.
 */
export function stateOf(kind: Check, run: CheckRun): CheckState {
  const { outcome, passed, failed, errors } = run;
  if (kind !== "tests alone")
    return outcome === "passed" && !run.marks.includes("unfinished session") ? "good" : "bad";
  if (outcome === "passed") return "bad";
  return outcome === "failed" && (failed + errors > 0 || passed === 0) ? "good" : "unknown";
}

/** The result of all runs of one check. */
export function findingOf(kind: Check, runs: readonly CheckRun[], facts: CheckFacts): CheckFinding {
  const states = runs.map((run) => (facts.ran_none ? "bad" : stateOf(kind, run)));
  const outcomes = runs.map(({ outcome }) => outcome);
  const good = states.every((state) => state === "good");
  const flaky = new Set(outcomes).size > 1;
  const unknown = !good && !states.includes("bad");
  const last = runs.at(-1);
  const cause = good || flaky || last === undefined ? null : causeOf(kind, last, facts);
  return { good, unknown, flaky, cause, outcomes };
}

function causeOf(kind: Check, run: CheckRun, facts: CheckFacts): CheckRow["cause"] {
  const { outcome } = run;
  if (outcome === "tests patch does not apply") return outcome;
  if (facts.ran_none) return "the runner runs none of the feature's tests";
  if (kind === "tests alone") return outcome === "passed" ? "tests do not discriminate" : null;
  if (outcome === "no tests ran") return "the runner runs none of the feature's tests";
  if (outcome === "passed") return "output not read whole";
  if (outcome !== "failed") return null;
  const { gold, combined } = facts;
  const others = kind === "gold" ? combined === "passed" : gold === "passed";
  return others ? "another feature's expectations" : driftOf(run, facts);
}

/**
 * Tests that fail with the reference patch, and with all of them, fail because of the image; so do tests of the base.
 */
function driftOf({ tests }: CheckRun, { added, combined, gold }: CheckFacts): CheckRow["cause"] {
  const failed = tests.filter(({ status }) => status === "failed" || status === "error");
  const old = failed.every(({ name }) => !added.some((one) => name.includes(one)));
  const both = gold === "failed" && combined === "failed";
  return both || (failed.length > 0 && added.length > 0 && old) ? "drift" : null;
}
