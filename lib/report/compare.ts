// Owns every two runs side by side: which couples are compared, what each is called, one line per couple.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { RunRow } from "../../db/schema.ts";
import { boundsOf } from "./intervals.ts";
import type { ReportLine } from "./line.ts";
import { tryRow } from "./report.ts";
import { type ArmComparison, compareArms, holm, type TryRow } from "./stats/index.ts";

/** A run as one arm of comparisons. */
export type Arm = Pick<RunRow, "run" | "setting" | "agent" | "model"> & {
  readonly rows: readonly TryRow[];
};
export type Couple = {
  readonly a: Arm;
  readonly b: Arm;
  readonly comparison: "coordination gap" | "difference";
};
export type CompareOptions = {
  /** What counts as no difference, a proportion; .05 when absent. */
  readonly margin?: number | undefined;
  /** Looked at between two comparisons: each draws some hundred thousand random numbers. */
  readonly signal?: AbortSignal | undefined;
};

/** The runs of the rows, in their order. */
export function armsOf(rows: readonly OutcomeRow[]): Arm[] {
  return [...Map.groupBy(rows, ({ run }) => run).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { run, setting, agent, model } = first;
    return [{ run, setting, agent, model, rows: own.map(tryRow) }];
  });
}

/**
 * Every two runs with at least one pair that both have scored. A solo run comes before a coop run, so that the
 * difference of the same agent and model is the coordination gap (solo minus coop); these couples come first.
 */
export function couplesOf(arms: readonly Arm[]): Couple[] {
  const scored = arms.map((arm) => ({ arm, pairs: scoredPairs(arm) }));
  const couples = scored.flatMap((one, at) =>
    scored
      .slice(at + 1)
      .filter((other) => !one.pairs.isDisjointFrom(other.pairs))
      .map((other) => coupleOf(one.arm, other.arm)),
  );
  const isGap = ({ comparison }: Couple) => comparison === "coordination gap";
  return [...couples.filter(isGap), ...couples.filter((couple) => !isGap(couple))];
}

/**
 * One line per couple, on the pairs that both have scored. p-values by task are corrected by Holm over all couples
 * given. Throws RangeError for an invalid margin, and the signal's reason once it is aborted.
 */
export async function comparisonLines(
  couples: readonly Couple[],
  { margin, signal }: CompareOptions = {},
): Promise<ReportLine[]> {
  const found: { couple: Couple; comparison: ArmComparison }[] = [];
  for (const couple of couples) {
    // Computing leaves no room for an interruption to be heard.
    await Bun.sleep(0);
    signal?.throwIfAborted();
    const options = margin === undefined ? {} : { margin };
    found.push({ couple, comparison: await compareArms(couple.a.rows, couple.b.rows, options) });
  }
  const corrected = holm(found.map(({ comparison }) => comparison.by_task.sign_flip.p));
  return found.map(({ couple, comparison }, at) => lineOf(couple, comparison, corrected[at]));
}

function lineOf(
  { a, b, comparison }: Couple,
  found: ArmComparison,
  holm_p = null as number | null,
) {
  const { by_task, by_repo, mcnemar, equivalence } = found;
  const { pairs, dropped, only_a, only_b, rate_a, rate_b, difference } = found;
  return {
    ...{ run_a: a.run, run_b: b.run, comparison, pairs, dropped, only_a, only_b },
    ...{ rate_a, rate_b, difference },
    ...boundsOf("by_task", by_task.interval),
    bootstrap_low: by_task.bootstrap.low,
    bootstrap_high: by_task.bootstrap.high,
    sign_flip_p: by_task.sign_flip.p,
    holm_p,
    smallest_p: by_task.sign_flip.smallest_p,
    verdict: equivalence.verdict,
    margin: equivalence.margin,
    smallest_margin: equivalence.smallest_margin,
    equivalence_low: equivalence.low,
    equivalence_high: equivalence.high,
    mcnemar_b: mcnemar.b,
    mcnemar_c: mcnemar.c,
    mcnemar_p: mcnemar.p,
    ...boundsOf("by_repo", by_repo.interval),
    by_repo_p: by_repo.sign_flip.p,
  } satisfies ReportLine;
}

function coupleOf(one: Arm, other: Arm): Couple {
  const turned = one.setting === "coop" && other.setting === "solo";
  const [a, b] = turned ? [other, one] : [one, other];
  const same = a.agent === b.agent && a.model === b.model && a.setting !== b.setting;
  return { a, b, comparison: same ? "coordination gap" : "difference" };
}

function scoredPairs({ rows }: Arm): Set<string> {
  const scored = rows.filter(({ passed, fault }) => passed !== null && !fault);
  return new Set(scored.map(({ pair_key }) => pair_key));
}
