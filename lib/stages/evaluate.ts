// Owns the stage `eval` as a function.

import { defaultValue, type Options } from "../config/settings.ts";
import { WIDTHS } from "../config/widths.ts";
import { DERIVED_POLICIES, type DerivedPolicy, type Era } from "../core/vocabulary.ts";
import { type EvalUnit, openJudging, seeThrough } from "../engine/after.ts";
import { look } from "../engine/done.ts";
import { verdictLooks } from "../engine/done-checks.ts";
import { joinEngine, NOTHING_COUNTS } from "../engine/places.ts";
import type { Counts } from "../engine/tally.ts";
import type { SuiteCounts } from "../eval/results.ts";
import { type FinishedOptions, finishedPlan } from "./finished.ts";

export type EvaluateOptions = FinishedOptions &
  Options<"timeout_ms" | "suites" | "premerge"> & {
    /** Policies that a verdict is asked for; all of Tandem's own when absent. Fewer policies need fewer suites. */
    readonly policies?: readonly DerivedPolicy[] | undefined;
    /** The verdict of an era of CooperBench instead, kept next to Tandem's. */
    readonly compat?: Era | undefined;
    readonly on_unit?: ((unit: EvalUnit) => void) | undefined;
    /** Called with functions that count attempts and suites, before the first is judged. */
    readonly on_start?: ((counts: () => Counts, suites?: () => SuiteCounts) => void) | undefined;
  };

async function evalPlan(options: EvaluateOptions) {
  return {
    ...(await finishedPlan(options)),
    concurrency: options.concurrency ?? WIDTHS.eval,
    git: WIDTHS.merge,
    suites: options.suites ?? navigator.hardwareConcurrency,
    timeout_ms: options.timeout_ms ?? defaultValue("timeout_ms"),
    premerge: options.premerge ?? defaultValue("premerge"),
    policies: options.policies ?? DERIVED_POLICIES,
  };
}

/** The keys of the selected attempts, and whether their verdict is current. */
export async function planEvaluation(options: EvaluateOptions) {
  const { keys, force, ...plan } = await evalPlan(options);
  const looks = await look(verdictLooks(plan), keys, force ? NOTHING_COUNTS : undefined);
  return keys.map((key, index) => ({ key, done: looks[index]?.kind === "done" }));
}

/**
 * Merges what is not merged on the real base yet, and tests the merged trees with the features' hidden tests; returns
 * how many attempts are left. Faults come through `on_unit` and stay in the ledger. Throws UsageError for an impossible
 * selection.
 */
export async function evaluate(options: EvaluateOptions): Promise<{ left: number }> {
  using engine = joinEngine(options, "eval");
  const plan = await evalPlan(options);
  const { on_unit = () => undefined, on_start, compat: era } = options;
  if (era !== undefined) {
    const { judgeCompat } = await import("../engine/compat.ts");
    return { left: await judgeCompat(engine, { ...plan, era }, { on_unit, on_start }) };
  }
  const judging = openJudging(engine, plan, ({ unit }) => on_unit(unit));
  const surveyed = judging.survey(plan.keys);
  on_start?.(judging.counts, judging.suites);
  judging.push(...(await surveyed));
  return { left: await seeThrough(judging.lines) };
}
