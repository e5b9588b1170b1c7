// Owns the stage `merge` as a function.

import { WIDTHS } from "../config/widths.ts";
import { type MergeUnit, openMerging, seeThrough } from "../engine/after.ts";
import { mergeLooks } from "../engine/done-checks.ts";
import { joinEngine } from "../engine/places.ts";
import type { Counts } from "../engine/tally.ts";
import { type PlannedUnit, planUnits } from "../engine/why.ts";
import { type FinishedOptions, finishedPlan } from "./finished.ts";

export type MergeOptions = FinishedOptions & {
  readonly on_unit?: ((unit: MergeUnit) => void) | undefined;
  /** Called with a function that counts attempts, before the first is merged. */
  readonly on_start?: ((counts: () => Counts) => void) | undefined;
};

async function mergePlan(options: MergeOptions) {
  return {
    ...(await finishedPlan(options)),
    git: options.concurrency ?? WIDTHS.merge,
  };
}

/** The keys of the selected attempts, whether they are merged already, and why not. */
export async function planMerge(options: MergeOptions): Promise<PlannedUnit[]> {
  const { keys, force, backend, ...plan } = await mergePlan(options);
  const { ledger } = plan;
  return await planUnits(mergeLooks({ ...plan, baseOf: backend.baseAtHand }), keys, {
    ledger,
    force,
  });
}

/**
 * Merges the agents' patches of finished attempts under both strategies; returns how many are left. Faults of attempts
 * come through `on_unit` and stay in the ledger. Throws UsageError for an impossible selection.
 */
export async function merge(options: MergeOptions): Promise<{ left: number }> {
  using engine = joinEngine(options, "merge");
  const { keys, ...plan } = await mergePlan(options);
  const { on_unit = () => undefined } = options;
  const merging = openMerging(engine, plan, ({ unit }) => on_unit(unit));
  const surveyed = merging.survey(keys);
  options.on_start?.(merging.counts);
  merging.push(...(await surveyed));
  return { left: await seeThrough(merging.lines) };
}
