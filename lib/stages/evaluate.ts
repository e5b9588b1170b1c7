// Owns the stage `eval` as a function.

import { defaultValue, type Options } from "../config/settings.ts";
import { WIDTHS } from "../config/widths.ts";
import { DERIVED_POLICIES, type DerivedPolicy, type Era } from "../core/vocabulary.ts";
import { type EvalUnit, openJudging, seeThrough } from "../engine/after.ts";
import { verdictLooks } from "../engine/done-checks.ts";
import { joinEngine, NEVER } from "../engine/places.ts";
import type { Counts } from "../engine/tally.ts";
import { type PlannedUnit, planUnits } from "../engine/why.ts";
import type { SuiteCounts } from "../eval/results.ts";
import { suitesAtATime } from "../sandbox/width.ts";
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
  const plan = await finishedPlan(options);
  return {
    ...plan,
    concurrency: options.concurrency ?? WIDTHS.eval,
    git: WIDTHS.merge,
    suites: await suitesAtATime(plan.backend, options.suites),
    timeout_ms: options.timeout_ms ?? defaultValue("timeout_ms"),
    premerge: options.premerge ?? defaultValue("premerge"),
    policies: options.policies ?? DERIVED_POLICIES,
  };
}

/** The keys of the selected attempts, whether their verdict is current, and why not. */
export async function planEvaluation(options: EvaluateOptions): Promise<PlannedUnit[]> {
  const { keys, force, ...plan } = await evalPlan(options);
  const { ledger } = plan;
  const { compat: era, signal = NEVER } = options;
  if (era === undefined) return await planUnits(verdictLooks(plan), keys, { ledger, force });
  const { compatStage } = await import("../engine/compat.ts");
  const stage = compatStage({ ...plan, signal, era, look_only: true });
  const units = await planUnits(stage, keys, { ledger, force });
  // The unit of an era has a name of its own; what is asked for is an attempt.
  return units.map((unit, index) => ({ ...unit, key: keys[index] ?? unit.key }));
}

/**
 * Merges what is not merged on the real base yet, and tests the merged trees with the features' hidden tests; returns
 * how many attempts are left. Faults come through `on_unit` and stay in the ledger. Throws UsageError for an impossible
 * selection.
 */
export async function evaluate(options: EvaluateOptions): Promise<{ left: number }> {
  using engine = joinEngine(options, "eval");
  const { concurrency: given, ...rest } = await evalPlan(options);
  // What was asked before was about attempts that are made.
  const plan = { ...rest, concurrency: engine.work.control.width({ given, explicit: true }) };
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
