// Owns what a verdict is: an attempt's merge and suite outcomes in, outcome and path under a policy out. Pure.
import type {
  AgentOutcome,
  MergeStatus,
  Outcome,
  Path,
  Policy,
  Setting,
  SuiteOutcome,
} from "../../db/schema.ts";

export type PolicyInput = {
  readonly policy: Policy;
  readonly setting: Setting;
  /** What became of each agent's work. */
  readonly agents: readonly AgentOutcome[];
  readonly naive: MergeStatus;
  /** Outcomes of every feature's suite on the strategy's tree; absent when the strategy gave no tree. */
  readonly suites: {
    readonly naive?: readonly SuiteOutcome[];
    readonly union?: readonly SuiteOutcome[];
  };
};
export type Score = {
  readonly outcome: Outcome;
  readonly path: Path | null;
  readonly passed: boolean;
};

/**
 * A pair passes when every feature's suite passes on the same tree. `naive`: the clean merge, a conflict fails.
 * `union`: on conflict, the merge that keeps both sides' lines. An empty patch next to another's work is
 * tested like any tree (path `one patch`), and is named as the outcome when that fails. Throws RangeError for a
 * clean merge without suites.
 */
export function score(input: PolicyInput): Score {
  if (input.naive === "apply_failed") return failure("patch does not apply");
  const strategy = input.suites.naive === undefined && input.policy === "union" ? "union" : "naive";
  const outcome = worst(input.suites[strategy] ?? []);
  const path = pathOf(input.setting, strategy, input.naive === "empty");
  if (outcome === "passed") return { outcome, path, passed: true };
  if (input.naive === "empty") return failure(emptyOutcome(input.agents));
  if (input.suites[strategy] !== undefined) return { outcome, path, passed: false };
  if (input.naive === "conflicts") return failure("conflict");
  throw new RangeError("a clean merge gives a tree, and every tree is tested before it is scored");
}

/** The strategies whose trees decide every policy: the naive tree when there is one, else the union's. */
export function treesToTest(
  trees: Readonly<Record<"naive" | "union", string | null>>,
): ("naive" | "union")[] {
  if (trees.naive !== null) return ["naive"];
  return trees.union !== null ? ["union"] : [];
}

function emptyOutcome(agents: readonly AgentOutcome[]): Outcome {
  return agents.includes("limit reached") ? "limit reached" : "empty patch";
}

function pathOf(setting: Setting, strategy: "naive" | "union", empty: boolean): Path {
  if (setting === "solo") return "solo";
  if (empty) return "one patch";
  return strategy === "union" ? "union" : "clean";
}

function worst(suites: readonly SuiteOutcome[]): Outcome {
  if (suites.length > 0 && suites.every(isPassed)) return "passed";
  if (suites.includes("tests timed out")) return "tests timed out";
  const known = suites.filter(
    (outcome) => outcome === "failed" || outcome === "tests patch does not apply",
  );
  return known.length === 0 && suites.includes("no tests ran") ? "no tests ran" : "failed";
}

function isPassed(outcome: SuiteOutcome): boolean {
  return outcome === "passed";
}

function failure(outcome: Outcome): Score {
  return { outcome, path: null, passed: false };
}
