// Owns what a verdict is: an attempt's merge and suite outcomes in, outcome and path under a policy out. Pure.
import type {
  AgentOutcome,
  Cause,
  DerivedPolicy,
  MergeStatus,
  Outcome,
  Path,
  Setting,
  SuiteOutcome,
  Tested,
} from "../../db/schema.ts";
import { reasonOfNothing } from "../core/ends.ts";
import { DERIVED_POLICIES } from "../core/vocabulary.ts";
import { DERIVED_RULES } from "./policies/registry.ts";

/** Outcomes of suites by the tree they ran on; absent when there is no such tree, or it was not wanted. */
export type TestedSuites = { readonly [tree in Tested]?: readonly SuiteOutcome[] };
export type PolicyInput = {
  readonly policy: DerivedPolicy;
  readonly setting: Setting;
  /** What became of each agent's work. */
  readonly agents: readonly AgentOutcome[];
  readonly naive: MergeStatus;
  /** Whether all agents' patches make the same tree. */
  readonly identical: boolean;
  readonly suites: TestedSuites;
};
export type Score = {
  readonly outcome: Outcome;
  readonly path: Path | null;
  readonly passed: boolean;
  readonly cause: Cause | null;
};

/**
 * A pair passes when every feature's suite passes on the same tree: the clean merge's, else the policy's own. An
 * empty patch next to another's work is tested like any tree (path `one patch`), and is named as the outcome when
 * that fails. Throws RangeError for a clean merge without suites.
 */
export function score(input: PolicyInput): Score {
  const verdict = judge(input);
  return { ...verdict, cause: verdict.passed ? null : causeOf(verdict.outcome, input) };
}

type Verdict = Omit<Score, "cause">;

function judge(input: PolicyInput): Verdict {
  if (input.naive === "apply_failed") return failure("patch does not apply");
  const tested = testedUnder(input);
  const suites = input.suites[tested];
  const outcome = worst(suites ?? []);
  const path = pathOf(input, tested);
  if (outcome === "passed") return { outcome, path, passed: true };
  if (input.naive === "empty") return failure(reasonOfNothing(input.agents));
  if (suites !== undefined) return { outcome, path, passed: false };
  if (input.naive === "conflicts") return failure("conflict");
  throw new RangeError("a clean merge gives a tree, and every tree is tested before it is scored");
}

function testedUnder({ policy, suites }: PolicyInput): DerivedPolicy {
  return suites.naive === undefined ? policy : CLEAN;
}

/** The policy whose tree is the merge without a conflict; where there is that tree, all policies take it. */
const CLEAN = "naive" satisfies DerivedPolicy;

type Trees = Readonly<Record<DerivedPolicy, string | null>>;

/** Trees whose suites decide the policies that are asked for: the naive merge's when there is one, else the others' own. */
export function treesToTest(trees: Trees, asked: readonly DerivedPolicy[]): DerivedPolicy[] {
  if (trees[CLEAN] !== null) return [CLEAN];
  return asked.filter((policy) => trees[policy] !== null);
}

/** The policies that these trees decide: those that are asked for, and those that come without another suite. */
export function decidedPolicies(trees: Trees, asked: readonly DerivedPolicy[]): DerivedPolicy[] {
  if (trees[CLEAN] !== null) return [...DERIVED_POLICIES];
  return DERIVED_POLICIES.filter((policy) => asked.includes(policy) || trees[policy] === null);
}

/** Where the failure began; null when the agents' patches were not tested alone and nothing else shows it. */
function causeOf(outcome: Outcome, { suites, naive, setting }: PolicyInput): Cause | null {
  if (outcome === "patch does not apply" || naive === "empty") return "patch lost";
  if (setting === "solo") return "own feature broken";
  if (suites.alone === undefined) return outcome === "conflict" ? "conflict" : null;
  if (!suites.alone.every(isPassed)) return "own feature broken";
  return naive === "conflicts" ? "conflict" : "broken by merging";
}

function pathOf(input: PolicyInput, tested: DerivedPolicy): Path {
  if (input.setting === "solo") return "solo";
  return input.naive === "empty" ? "one patch" : DERIVED_RULES[tested].path(input.identical);
}

function worst(suites: readonly SuiteOutcome[]): Outcome {
  if (suites.length > 0 && suites.every(isPassed)) return "passed";
  if (suites.includes("tests timed out")) return "tests timed out";
  const known = suites.filter((outcome) => outcome !== "passed" && outcome !== "no tests ran");
  return known.length === 0 && suites.includes("no tests ran") ? "no tests ran" : "failed";
}

function isPassed(outcome: SuiteOutcome): boolean {
  return outcome === "passed";
}

function failure(outcome: Outcome): Verdict {
  return { outcome, path: null, passed: false };
}
