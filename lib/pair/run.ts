// Owns running many attempts of one run: what is still to do, one after the other into files and then the ledger.
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow, RunRow } from "../../db/schema.ts";
import type { Feature } from "../agent/agent.ts";
import { asFault, Fault } from "../fault.ts";
import { type AttemptId, attemptKey, parsePairKey } from "../keys.ts";
import type { Gateway } from "../model/gateway.ts";
import type { MeteredModel } from "../model/metered.ts";
import { eachOf } from "../pool.ts";
import { recordFault } from "../record-fault.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import type { Mailroom } from "../team/mailroom.ts";
import { runAttempt } from "./attempt.ts";
import type { RunConfig } from "./config.ts";
import { attemptRecord, costOf, writeAttempt } from "./record.ts";
import { readRecorded } from "./recorded.ts";

export type RunPlan = {
  readonly ledger: Ledger;
  readonly run: RunRow;
  readonly config: RunConfig;
  readonly pairs: readonly Pick<PairRow, "pair_key">[];
  /** The n-th attempt at each pair; 1 unless repeated. */
  readonly tries: number;
  readonly log_dir: string;
  /** The task files of a pair's task. Throws Fault `dataset_missing`. */
  readonly taskOf: (pair_key: string) => TaskFiles;
  readonly backend: Backend;
  readonly mailroom: Mailroom;
  /** The way to the run's model; undefined for agents that ask none. */
  readonly gateway?: Gateway | undefined;
  readonly concurrency: number;
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onDone: (unit: UnitResult) => void;
};
/** What became of one attempt; `fresh` is false when it was finished before this call. */
export type UnitResult =
  | { readonly key: string; readonly outcome: string; readonly fresh: boolean }
  | { readonly key: string; readonly fault: Fault };

/** The attempts that a plan asks for, with the ones already finished marked. */
export function plannedAttempts(
  plan: Pick<RunPlan, "ledger" | "pairs" | "tries" | "force"> & { readonly run_name: string },
) {
  const finished = plan.ledger.attempts.finished(plan.run_name);
  return plan.pairs.flatMap(({ pair_key }) =>
    Array.from({ length: plan.tries }, (_, index) => {
      const attempt: AttemptId = { ...parsePairKey(pair_key), run: plan.run_name, try: index + 1 };
      const key = attemptKey(attempt);
      return { attempt, key, pair_key, done: plan.force ? undefined : finished.get(key) };
    }),
  );
}

/**
 * Runs what is missing; finished attempts are reported again without being done again. Faults do not stop the others,
 * unless no later call to the model can succeed: `left` is the number of attempts that were not begun for that.
 */
export async function runPairs(plan: RunPlan): Promise<{ left: number }> {
  const units = plannedAttempts({ ...plan, run_name: plan.run.run });
  let left = 0;
  await eachOf(units, plan, async (unit) => {
    if (plan.gateway?.stopped && unit.done === undefined) {
      left++;
      return;
    }
    const models: MeteredModel[] = [];
    try {
      plan.onDone(await runUnit(plan, unit, models));
    } catch (error) {
      if (plan.signal.aborted) return;
      const fault = asFault(error);
      const cost_usd = costOf(models.flatMap(({ calls }) => calls));
      recordFault(plan.ledger, { attempt: unit.attempt, step: "run", fault, cost_usd });
      plan.onDone({ key: unit.key, fault });
    }
  });
  return { left };
}

async function runUnit(
  plan: RunPlan,
  unit: ReturnType<typeof plannedAttempts>[number],
  models: MeteredModel[],
): Promise<UnitResult> {
  const { ledger, config, log_dir, gateway } = plan;
  const task = plan.taskOf(unit.pair_key);
  if (unit.done) {
    if (unit.done.task_hash !== task.task_hash) throw changedTask(unit.key);
    return { key: unit.key, outcome: unit.done.outcome, fresh: false };
  }
  const report = await runAttempt({
    attempt: unit.attempt,
    config,
    task,
    features: featuresOf(ledger, unit.attempt),
    backend: plan.backend,
    mailroom: plan.mailroom,
    openModel: async (caller) => {
      if (gateway === undefined) throw new RangeError(`the agent ${config.agent} has no model`);
      const model = await gateway.open(caller);
      models.push(model);
      return model;
    },
    recorded:
      config.replay_of === null
        ? undefined
        : readRecorded(log_dir, config, { ...unit.attempt, run: config.replay_of }),
    signal: plan.signal,
  });
  const options = { config, task_hash: task.task_hash, prices: gateway?.prices ?? null };
  // A redone attempt is first undone in the ledger: a kill between files and row then means "not done".
  if (plan.force) ledger.attempts.forget(unit.key);
  await writeAttempt(log_dir, report, options);
  const record = attemptRecord(report, options);
  ledger.attempts.put([record]);
  return { key: unit.key, outcome: record.attempt.outcome, fresh: true };
}

function featuresOf(ledger: Ledger, attempt: AttemptId): Feature[] {
  const rows = ledger.dataset.features(attempt.repo, attempt.task_id);
  const bytes = ledger.dataset.patchBytes(rows.map((row) => row.gold_patch));
  return attempt.features.map((feature_id) => {
    const row = rows.find((candidate) => candidate.feature_id === feature_id);
    const gold_patch = row && bytes.get(row.gold_patch);
    if (row && gold_patch) return { feature_id, description: row.description, gold_patch };
    throw new Fault(
      "dataset_missing",
      `${attempt.repo}/task${attempt.task_id} has no feature ${feature_id} in the ledger`,
      {
        hint: "run fetch-dataset again",
      },
    );
  });
}

function changedTask(key: string): Fault {
  return new Fault("dataset_changed", `${key} was run on another version of its task`, {
    hint: "use a new run name with -n, or --force to run it again",
  });
}
