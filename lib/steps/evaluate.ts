// Owns the step `eval` as a function.
import { defaultValue, type Options } from "../config/settings.ts";
import { WIDTHS } from "../config/widths.ts";
import { plannedEvaluations } from "../eval/planned.ts";
import { type EvalUnit, evaluateRuns } from "../eval/run.ts";
import { NO_RETRIES } from "../work/retries.ts";
import {
  joinWork,
  NEVER,
  placesOf,
  type SandboxOptions,
  type StepOptions,
  sandboxesOf,
} from "./places.ts";
import { attemptsWithin, type Selection, taskFinder } from "./select.ts";

export type EvaluateOptions = StepOptions &
  SandboxOptions &
  Options<"timeout_ms" | "suites" | "premerge"> & {
    /** Which finished attempts. */
    readonly select?: Omit<Selection, "dataset_dir"> | undefined;
    /** The verdict of the old system instead, kept beside ours. */
    readonly compat?: "0.0.14" | undefined;
    readonly on_unit?: ((unit: EvalUnit) => void) | undefined;
    /** Hears how many attempts there are. */
    readonly on_start?: ((total: number) => void) | undefined;
  };

async function evalPlan(options: EvaluateOptions) {
  const { ledger, log_dir, dataset_dir } = placesOf(options);
  return {
    ledger,
    log_dir,
    filter: attemptsWithin(ledger, { ...options.select, dataset_dir }),
    taskOf: taskFinder(ledger, dataset_dir),
    backend: await sandboxesOf(options, options),
    concurrency: options.concurrency ?? WIDTHS.eval,
    suites: options.suites ?? navigator.hardwareConcurrency,
    timeout_ms: options.timeout_ms ?? defaultValue("timeout_ms"),
    premerge: options.premerge ?? defaultValue("premerge"),
    force: options.force ?? false,
    retries: options.retries ?? NO_RETRIES,
    signal: options.signal ?? NEVER,
    drain: options.drain,
    onDone: options.on_unit ?? (() => undefined),
  };
}

/** The selected attempts, with their verdicts where they are current. */
export async function planEvaluation(options: EvaluateOptions) {
  return await plannedEvaluations(await evalPlan(options));
}

/**
 * Merges what is not merged on the real base yet, and tests the merged trees with the features' hidden tests. Faults of
 * attempts come through `on_unit` and stay in the ledger. Throws UsageError for a selection that cannot be.
 */
export async function evaluate(options: EvaluateOptions): Promise<void> {
  using joined = joinWork(options, "eval");
  const plan = { ...(await evalPlan(options)), ...joined };
  options.on_start?.(plan.filter.keys.length);
  if (options.compat === undefined) return await evaluateRuns(plan);
  const { evaluateCompat } = await import("../eval/compat-run.ts");
  await evaluateCompat(plan);
}
