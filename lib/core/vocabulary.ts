// Owns the closed sets of words that the ledger stores; light to import, for flags and checks.

/** Where the ledger lies when no flag and no variable names it. */
export const DEFAULT_LEDGER = "db/ledger.sqlite";

/** The agent of an arm that names none. */
export const DEFAULT_AGENT = "mini";
export const SETTINGS = ["coop", "solo"] as const;
export const STRATEGIES = ["naive", "union"] as const;
/** Versions of CooperBench whose evaluation --compat reproduces, with their handling of patches. */
export const ERAS = ["0.0.14", "0.0.29"] as const;
/** Rules by which Tandem itself says which tree may pass. */
export const DERIVED_POLICIES = ["naive", "union", "agent1"] as const;
/** Policies that an evaluation can be asked for. */
export const EVALUATED_POLICIES = [...DERIVED_POLICIES, ...ERAS] as const;
/** Under which rule a tree may pass; `imported` is the verdict that came with another system's logs. */
export const POLICIES = [...EVALUATED_POLICIES, "imported"] as const;
/** What is reported where no policy is named. */
export const DEFAULT_POLICY = "union" satisfies (typeof POLICIES)[number];
/** Which tree a suite was run on: a merge's, agent1's patch alone, each agent's patch with its own suite, an era's. */
export const TESTED = [...DERIVED_POLICIES, "alone", ...ERAS] as const;
/** Why a pair failed, where each agent's patch was also tested alone. */
export const CAUSES = [
  "own feature broken",
  "patch lost",
  "conflict",
  "broken by merging",
] as const;
/** What the experiment can find, for a scored attempt. Everything but `passed` counts as a failure. */
export const OUTCOMES = [
  "passed",
  "failed",
  "conflict",
  "empty patch",
  "patch too large",
  "patch does not apply",
  "limit reached",
  "refused",
  "tests timed out",
  "no tests ran",
] as const;
/** How a pair came to its tested tree; passes are split by it. */
export const PATHS = ["clean", "union", "identical", "one patch", "solo"] as const;
/** What became of an agent's own work, before any test. */
export const AGENT_OUTCOMES = [
  "submitted",
  "limit reached",
  "refused",
  "empty patch",
  "patch too large",
] as const;
export const PATCH_SOURCES = [
  "gold",
  "none",
  "not taken",
  "patch.txt",
  "work tree",
  "agent",
  "imported",
] as const;
/** What a model call was for, and who answered it. */
export const CALL_PURPOSES = ["step", "summary", "side"] as const;
export const CALL_SOURCES = ["provider", "cache", "replay"] as const;
/** What a patch does to a file. */
export const PATCH_CHANGES = ["add", "delete", "modify", "rename", "copy"] as const;
export const MERGE_STATUSES = ["clean", "conflicts", "apply_failed", "empty"] as const;
export const SUITE_OUTCOMES = [
  "passed",
  "failed",
  "no tests ran",
  "tests patch does not apply",
  "tests timed out",
  "out of memory",
] as const;
/** What is known besides a suite's outcome; none of them decides it. */
export const SUITE_MARKS = [
  "contradicts its summary",
  "unfinished session",
  "sessions unproven",
  "repeated alone",
] as const;
/** What is known about a verdict's suite only by comparison with what check-dataset found about its feature. */
export const COMPARED_MARKS = ["unlike gold", "flaky feature"] as const;
export const SIDE_STATUSES = ["applied", "empty", "failed"] as const;
/** What is done to an attempt on the way to Tandem's verdict, one after the other: an open fault in one keeps it out of the rate. */
export const ATTEMPT_STEPS = ["run", "merge", "eval"] as const;
/** Everything that is done to units; each is claimed, and can meet faults, by itself. */
export const STEPS = [...ATTEMPT_STEPS, "compat", "label", "check", "warm"] as const;
/** What can happen to a unit in a step. `stopped`: by its own process; `lost`: with its process. */
export const UNIT_EVENTS = [
  "claimed",
  "done",
  "fault",
  "stopped",
  "lost",
  "superseded",
  "requeued",
] as const;
/** What a model can be asked to judge. */
export const JUDGED = ["communication error", "failure symptom", "speech act"] as const;
export const CHECKS = ["tests alone", "gold", "combined"] as const;
/** Why a feature's check is not as it should be. */
export const CHECK_CAUSES = [
  "the runner runs none of the feature's tests",
  "tests do not discriminate",
  "drift",
  "another feature's expectations",
  "tests patch does not apply",
  "output not read whole",
] as const;

export type Setting = (typeof SETTINGS)[number];
export type Strategy = (typeof STRATEGIES)[number];
export type Era = (typeof ERAS)[number];
export type DerivedPolicy = (typeof DERIVED_POLICIES)[number];
export type Policy = (typeof POLICIES)[number];
export type Outcome = (typeof OUTCOMES)[number];
export type Path = (typeof PATHS)[number];
export type AgentOutcome = (typeof AGENT_OUTCOMES)[number];
export type PatchSource = (typeof PATCH_SOURCES)[number];
export type SuiteOutcome = (typeof SUITE_OUTCOMES)[number];
export type SuiteMark = (typeof SUITE_MARKS)[number];
export type ComparedMark = (typeof COMPARED_MARKS)[number];
/** Milliseconds, MiB and processes; undefined where the sandbox sets no limit. */
export type SuiteLimits = {
  readonly timeout_ms: number;
  readonly memory_mib?: number;
  readonly pids?: number;
  readonly disk_mib?: number;
};
export type CheckCause = (typeof CHECK_CAUSES)[number];
export type MergeStatus = (typeof MERGE_STATUSES)[number];
export type Tested = (typeof TESTED)[number];
export type Cause = (typeof CAUSES)[number];
export type SideStatus = (typeof SIDE_STATUSES)[number];
export type Step = (typeof STEPS)[number];
export type UnitEvent = (typeof UNIT_EVENTS)[number];
export type Judged = (typeof JUDGED)[number];
export type Check = (typeof CHECKS)[number];
