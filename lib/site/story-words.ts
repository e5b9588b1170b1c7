// Owns the words of an attempt's story, one row for everything that a verdict, a suite, a mark, an agent or a fault can be.
import { FAULTS, type FaultCode } from "../core/fault.ts";
import type {
  AgentOutcome,
  Cause,
  ComparedMark,
  MergeStatus,
  Outcome,
  SideStatus,
  Step,
  SuiteMark,
  SuiteOutcome,
} from "../core/vocabulary.ts";

/** Whether a conflict is told before what was tested (it decided) or after it (something else did). */
export const OUTCOME_ORDER = {
  passed: "conflict first",
  failed: "suites first",
  conflict: "conflict first",
  "empty patch": "suites first",
  "patch too large": "suites first",
  "patch does not apply": "suites first",
  "limit reached": "suites first",
  refused: "suites first",
  "tests timed out": "suites first",
  "no tests ran": "suites first",
} as const satisfies Record<Outcome, "conflict first" | "suites first">;

/** What a suite did, after "feature 1's suite" and before the tree. */
export const SUITE_VERBS = {
  passed: "passes on",
  failed: "fails on",
  "no tests ran": "runs no test on",
  "tests patch does not apply": "cannot be added to",
  "tests timed out": "is not done in time on",
  "out of memory": "runs out of memory on",
} as const satisfies Record<SuiteOutcome, string>;

/** What is to be said of a suite besides its outcome; null where it says nothing about the verdict. */
export const MARK_WORDS = {
  "contradicts its summary": "reports failures and exits with success",
  "unfinished session": "leaves a session of tests unfinished",
  "sessions unproven": "does not prove that its session of tests ended",
  "repeated alone": null,
  "unlike gold": "passes without tests that pass with the reference patch",
  "flaky feature": "is known to pass and fail by chance",
} as const satisfies Record<SuiteMark | ComparedMark, string | null>;

/** What became of an agent's work, after its name; null for work that is told of by what is tested. */
export const AGENT_WORDS = {
  submitted: null,
  "limit reached": null,
  refused: "was refused by the provider's filter",
  "empty patch": "handed in nothing",
  "patch too large": "left more than can be kept as a patch",
} as const satisfies Record<AgentOutcome, string | null>;

/** What became of a patch on the base, after "agent1's patch". */
export const SIDE_WORDS = {
  applied: null,
  empty: "has nothing to merge",
  failed: "does not apply to the base",
} as const satisfies Record<SideStatus, string | null>;

/** What a merge was before it was tested. */
export const MERGE_WORDS = {
  clean: "merges without a conflict",
  conflicts: "conflicts",
  apply_failed: "is not made, as a patch does not apply",
  empty: "is of one patch, as another is empty",
} as const satisfies Record<MergeStatus, string>;

/** Where a failure began. */
export const CAUSE_WORDS = {
  "own feature broken": "an agent's own feature is broken before merging",
  "patch lost": "a patch is missing from what was tested",
  conflict: "the failure began with the conflict",
  "broken by merging": "the patches work alone and break each other without a conflict",
} as const satisfies Record<Cause, string>;

/** What was being done when a fault prevented it. */
export const STEP_WORDS = {
  run: "while the agents worked",
  merge: "while merging",
  eval: "while testing",
  compat: "while testing by CooperBench's rules",
  label: "while labelling",
  check: "while checking the dataset",
  warm: "while making the image ready",
} as const satisfies Record<Step, string>;

/** What broke: the fault's meaning, or its code where a newer Tandem wrote it. */
export function faultWords(code: string): string {
  return Object.hasOwn(FAULTS, code)
    ? FAULTS[code as FaultCode].means
    : `a fault that this Tandem does not know (${code})`;
}
