// Owns what of a study is merged and judged already, decided by content: patches, trees, images, tests.
import type { Ledger } from "../../db/ledger.ts";
import { plannedEvaluations } from "../eval/planned.ts";
import { plannedMerges, statuses } from "../merge/planned.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { sandboxesOf } from "../steps/places.ts";
import { taskFinder } from "../steps/select.ts";
import type { Study } from "./file.ts";
import type { FlowEvent, FlowTarget } from "./flow.ts";
import type { StudyArm } from "./runs.ts";

export type DoneOptions = {
  readonly study: Study;
  readonly arms: readonly StudyArm[];
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly dataset_dir: string;
  readonly signal: AbortSignal;
  readonly drain: AbortSignal;
};
type Around = DoneOptions & { readonly backend: Backend };

/** Attempts that are merged or judged at a time: what really limits them is the number of suites. */
export const LATER = 10;

/** What is merged or judged already, and current. */
export async function finishedUnits(
  options: Around,
  target: "merge" | "eval",
): Promise<ReadonlyMap<string, FlowEvent>> {
  const { arms } = options;
  const keys = arms.flatMap(({ attempts }) =>
    attempts.flatMap(({ key, done }) => (done ? key : [])),
  );
  if (keys.length === 0) return new Map();
  const plan = { ...laterPlan(options), filter: { keys } };
  if (target === "eval") {
    const planned = await plannedEvaluations(plan);
    return new Map(
      planned.flatMap(({ attempt, done }) =>
        done === undefined
          ? []
          : [
              [
                attempt.attempt_key,
                { step: "eval", unit: { key: attempt.attempt_key, ...done, fresh: false } },
              ],
            ],
      ),
    );
  }
  const planned = await plannedMerges({ ...plan, baseOf: options.backend.baseAtHand });
  return new Map(
    planned.flatMap(({ inputs, done }) => {
      const key = inputs.attempt.attempt_key;
      if (done === undefined) return [];
      return [[key, { step: "merge", unit: { key, ...statuses(done), fresh: false } }]];
    }),
  );
}

/** What merging and judging a study's attempts is told. */
export function laterPlan({ ledger, log_dir, dataset_dir, study, backend, signal, drain }: Around) {
  return {
    ...{ ledger, log_dir, backend, signal, drain },
    taskOf: taskFinder(ledger, dataset_dir),
    timeout_ms: study.evaluation.timeout_ms,
    premerge: study.evaluation.premerge,
    suites: study.concurrency.suites ?? navigator.hardwareConcurrency,
    retries: study.retries,
    concurrency: LATER,
    force: false,
  };
}

/** How many attempts of each arm are through each step. */
export async function doneCounts(options: DoneOptions) {
  const backend = await sandboxesOf(options, options.study.sandbox);
  const around = { ...options, backend };
  const merged = await finishedUnits(around, "merge");
  const judged = await finishedUnits(around, "eval");
  return options.arms.map(({ attempts }) => {
    const among = (units: ReadonlyMap<string, unknown>) =>
      attempts.filter(({ key }) => units.has(key)).length;
    const run = attempts.filter(({ done }) => done !== undefined).length;
    return { run, merge: among(merged), eval: among(judged) };
  });
}

/** Every attempt's last step when nothing is left to do for the target; undefined when something is. */
export async function allDone(
  options: DoneOptions,
  target: FlowTarget,
): Promise<readonly FlowEvent[] | undefined> {
  const attempts = options.arms.flatMap((arm) => arm.attempts);
  const taskOf = taskFinder(options.ledger, options.dataset_dir);
  const runs = attempts.flatMap(({ key, pair_key, done }): FlowEvent[] =>
    done?.task_hash === taskOf(pair_key).task_hash
      ? [{ step: "run", unit: { key, outcome: done.outcome, fresh: false } }]
      : [],
  );
  if (runs.length < attempts.length) return undefined;
  if (target === "run") return runs;
  const backend = await sandboxesOf(options, options.study.sandbox);
  const finished = await finishedUnits({ ...options, backend }, target);
  return finished.size < attempts.length ? undefined : [...finished.values()];
}
