// Owns where CooperBench's verdicts and Tandem's differ: attempt by attempt, and how many agree.
import type { Ledger } from "../../db/ledger.ts";
import type { DerivedPolicy, MergeStatus, Outcome, Policy } from "../../db/schema.ts";
import { ERAS } from "../core/vocabulary.ts";
import { ERA_RULES } from "../eval/policies/registry.ts";

/** The two verdicts on one imported attempt; null where there is none. */
export type Difference = {
  readonly key: string;
  readonly run: string;
  /** Tandem's policy that matches the imported run's strategy. */
  readonly policy: Policy;
  readonly differs: "verdict" | "merge" | "verdict and merge";
  readonly theirs_passed: boolean | null;
  readonly ours_passed: boolean | null;
  readonly theirs_merge: string | null;
  readonly ours_merge: MergeStatus | null;
  readonly strategy: string | null;
  readonly outcome: Outcome | null;
};
export type Comparison = {
  readonly rows: readonly Difference[];
  readonly counts: {
    readonly imported: number;
    /** Attempts with both verdicts; of these, those where they agree. */
    readonly judged_by_both: number;
    readonly verdicts_agree: number;
    /** The same for merges. */
    readonly merged_by_both: number;
    readonly merges_agree: number;
    /** Attempts that wait for Tandem's verdict, and those without an imported one. */
    readonly without_ours: number;
    readonly without_theirs: number;
  };
};

/** CooperBench's names of strategies from 0.0.16 on. */
const LATER_STRATEGIES = ["skip-merge-identical", "solo-agent1"];
/** Tandem's merge statuses that are the same finding as one of CooperBench's; an empty patch merges cleanly there. */
const SAME_MERGE: Readonly<Record<string, readonly MergeStatus[]>> = {
  clean: ["clean", "empty"],
  identical: ["clean"],
  conflicts: ["conflicts"],
  missing_input: ["apply_failed", "empty"],
  apply_failed: ["apply_failed"],
  empty: ["empty"],
};

/**
 * Compares the verdicts on imported attempts (of all runs when none are named). Tandem's are under the policy that fits
 * the imported run's strategy: from 0.0.16 on, a conflict leaves agent1's patch alone (`agent1`), before that it was
 * merged by union (`union`). Rows only where both have a verdict and they differ.
 */
export function importedDifferences(
  ledger: Ledger,
  { runs }: { readonly runs?: readonly string[] | undefined } = {},
): Comparison {
  const scores = new Map(
    Object.values(ERA_RULES).map(({ on_conflict }) => [
      on_conflict,
      ledger.scores.byAttempt(on_conflict, runs),
    ]),
  );
  const merges = ledger.merges.byAttempt(runs);
  const compared = ledger.imported.verdicts(runs).map((theirs) => {
    const policy = policyOf(theirs);
    const score = scores.get(policy)?.get(theirs.attempt_key);
    const naive = merges.get(theirs.attempt_key)?.find(({ strategy }) => strategy === "naive");
    const ours_merge = naive?.status ?? null;
    return {
      row: {
        key: theirs.attempt_key,
        run: theirs.run,
        policy,
        theirs_passed: theirs.passed,
        ours_passed: score?.passed ?? null,
        theirs_merge: theirs.merge_status,
        ours_merge,
        strategy: theirs.strategy,
        outcome: score?.outcome ?? null,
      },
      verdict: same(theirs.passed, score?.passed ?? null),
      merge: sameMerge(theirs.merge_status, ours_merge),
    };
  });
  const count = (holds: (one: (typeof compared)[number]) => boolean) =>
    compared.filter(holds).length;
  return {
    rows: compared.flatMap(({ row, verdict, merge }) => {
      const differs = [
        ...(verdict === false ? ["verdict"] : []),
        ...(merge === false ? ["merge"] : []),
      ];
      const word = differs.join(" and ");
      return isDifference(word) ? [{ ...row, differs: word }] : [];
    }),
    counts: {
      imported: compared.length,
      judged_by_both: count(({ verdict }) => verdict !== undefined),
      verdicts_agree: count(({ verdict }) => verdict === true),
      merged_by_both: count(({ merge }) => merge !== undefined),
      merges_agree: count(({ merge }) => merge === true),
      without_ours: count(({ row }) => row.ours_passed === null),
      without_theirs: count(({ row }) => row.theirs_passed === null),
    },
  };
}

function isDifference(word: string): word is Difference["differs"] {
  return word === "verdict" || word === "merge" || word === "verdict and merge";
}

/** Before 0.0.16 no conflict was left with the strategy `naive`: it was united, or had none. */
function policyOf(theirs: {
  readonly strategy: string | null;
  readonly merge_status: string | null;
}): DerivedPolicy {
  const { strategy, merge_status } = theirs;
  const later = strategy !== null && LATER_STRATEGIES.includes(strategy);
  const unresolved = strategy === "naive" && merge_status === "conflicts";
  const [early, late] = ERAS;
  return ERA_RULES[later || unresolved ? late : early].on_conflict;
}

function same(theirs: boolean | null, ours: boolean | null): boolean | undefined {
  return theirs === null || ours === null ? undefined : theirs === ours;
}

function sameMerge(theirs: string | null, ours: MergeStatus | null): boolean | undefined {
  const known = theirs === null ? undefined : SAME_MERGE[theirs];
  return known === undefined || ours === null ? undefined : known.includes(ours);
}
