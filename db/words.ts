// Owns the closed sets of words that the ledger stores; light to import, for flags and checks.

export const SETTINGS = ["coop", "solo"] as const;
export const STRATEGIES = ["naive", "union"] as const;
export const POLICIES = ["naive", "union"] as const;
/** What the experiment can find, for a scored attempt. Everything but `passed` counts as a failure. */
export const OUTCOMES = [
  "passed",
  "failed",
  "conflict",
  "empty patch",
  "patch does not apply",
  "limit reached",
  "tests timed out",
  "no tests ran",
] as const;
/** How a pair came to its tested tree; passes are split by it. */
export const PATHS = ["clean", "union", "one patch", "solo"] as const;
/** What became of an agent's own work, before any test. */
export const AGENT_OUTCOMES = ["submitted", "limit reached", "empty patch"] as const;
export const PATCH_SOURCES = ["gold", "none", "patch.txt", "work tree"] as const;
export const MERGE_STATUSES = ["clean", "conflicts", "apply_failed", "empty"] as const;
export const SUITE_OUTCOMES = [
  "passed",
  "failed",
  "no tests ran",
  "tests patch does not apply",
  "tests timed out",
] as const;

export type Setting = (typeof SETTINGS)[number];
export type Strategy = (typeof STRATEGIES)[number];
export type Policy = (typeof POLICIES)[number];
export type Outcome = (typeof OUTCOMES)[number];
export type Path = (typeof PATHS)[number];
export type AgentOutcome = (typeof AGENT_OUTCOMES)[number];
export type PatchSource = (typeof PATCH_SOURCES)[number];
export type SuiteOutcome = (typeof SUITE_OUTCOMES)[number];
export type MergeStatus = (typeof MERGE_STATUSES)[number];
