// Owns the step `merge` as a function.
import { WIDTHS } from "../config/widths.ts";
import { plannedMerges } from "../merge/planned.ts";
import { type MergeUnit, mergeRuns } from "../merge/run.ts";
import {
  joinWork,
  NEVER,
  placesOf,
  type SandboxOptions,
  type StepOptions,
  sandboxesOf,
} from "./places.ts";
import { attemptsWithin, type Selection, taskFinder } from "./select.ts";

export type MergeOptions = StepOptions &
  SandboxOptions & {
    /** Which finished attempts. */
    readonly select?: Omit<Selection, "dataset_dir"> | undefined;
    readonly on_unit?: ((unit: MergeUnit) => void) | undefined;
    /** Hears how many attempts there are. */
    readonly on_start?: ((total: number) => void) | undefined;
  };

async function mergePlan(options: MergeOptions) {
  const { ledger, log_dir, dataset_dir } = placesOf(options);
  const backend = await sandboxesOf(options, options);
  return {
    ledger,
    log_dir,
    filter: attemptsWithin(ledger, { ...options.select, dataset_dir }),
    taskOf: taskFinder(ledger, dataset_dir),
    baseOf: backend.baseAtHand,
    concurrency: options.concurrency ?? WIDTHS.merge,
    force: options.force ?? false,
    signal: options.signal ?? NEVER,
    drain: options.drain,
    onDone: options.on_unit ?? (() => undefined),
  };
}

/** The selected attempts, with what is merged already marked. */
export async function planMerge(options: MergeOptions) {
  return await plannedMerges(await mergePlan(options));
}

/**
 * Merges the agents' patches of finished attempts under both strategies. Faults of attempts come through `on_unit` and stay in
 * the ledger. Throws UsageError for a selection that cannot be.
 */
export async function merge(options: MergeOptions): Promise<void> {
  using joined = joinWork(options, "merge");
  const plan = { ...(await mergePlan(options)), work: joined.work };
  options.on_start?.(plan.filter.keys.length);
  await mergeRuns(plan);
}
