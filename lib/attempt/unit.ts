// Owns making one attempt, and keeping it in files and ledger.
import { join } from "node:path";
import type { AttemptRecord } from "../../db/attempts.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { AttemptRow, UnitProgress } from "../../db/schema.ts";
import type { Feature } from "../agent/agent.ts";
import { artefactsOf } from "../core/artefacts.ts";
import { Fault } from "../core/fault.ts";
import type { AttemptId } from "../core/keys.ts";
import type { Gateway } from "../model/gateway.ts";
import { stepsOf } from "../model/kept-calls.ts";
import type { MeteredModel } from "../model/metered.ts";
import { progressOf } from "../model/progress.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import type { Mailroom } from "../team/room.ts";
import { patiently } from "../work/patience.ts";
import type { Held } from "../work/work.ts";
import { runAttempt } from "./attempt.ts";
import type { RunConfig } from "./config.ts";
import type { Programs, AttemptPlan as RunningPlan } from "./plan.ts";
import type { PlannedAttempt } from "./planned.ts";
import { attemptRecord, fillAttempt, writeAttempt } from "./record.ts";
import { readRecorded } from "./recorded.ts";

/** What every attempt of a run is made with. */
export type AttemptPlan = {
  readonly ledger: Ledger;
  readonly config: RunConfig;
  readonly log_dir: string;
  /** The task files of a pair's task. Throws Fault `dataset_missing`. */
  readonly taskOf: (pair_key: string) => TaskFiles;
  readonly backend: Backend;
  readonly mailroom: Mailroom;
  /** Where processes keep messages that make its attempts: in their memory when absent; an address, or `auto`. */
  readonly redis?: string | undefined;
  /** The connection to the run's model; undefined for agents that ask none. */
  readonly gateway?: Gateway | undefined;
  readonly programs?: Programs | undefined;
  /** Stops everything. */
  readonly signal: AbortSignal;
};
/** An attempt that has ended, before it is kept: its rows, and what writes its files into an empty folder. */
export type MadeAttempt = {
  readonly record: AttemptRecord;
  readonly fill: (folder: string) => void;
};

/** Makes one attempt that this process holds. Throws what breaks it. */
export async function makeAttempt(
  plan: AttemptPlan,
  unit: Pick<PlannedAttempt, "attempt" | "pair_key">,
  held: Held,
): Promise<MadeAttempt> {
  const { ledger, config, log_dir } = plan;
  const task = plan.taskOf(unit.pair_key);
  return await attemptNow({
    ...{ ...plan, ...unit, task },
    features: featuresOf(ledger, unit.attempt, task),
    recorded:
      config.replay_of === null
        ? undefined
        : readRecorded(log_dir, config, { ...unit.attempt, run: config.replay_of }),
    signal: AbortSignal.any([plan.signal, held.signal]),
    say(progress) {
      held.progress = progress;
      return held.say;
    },
  });
}

/** What one attempt is made of, wherever it is made. */
export type Making = Omit<RunningPlan, "openModel" | "on_place"> & {
  readonly gateway?: Gateway | undefined;
  /** Is given what tells the attempt's progress; returns what is called when that has changed. */
  readonly say: (progress: () => UnitProgress) => () => void;
};

/** Makes an attempt. Throws what breaks it. */
export async function attemptNow({ gateway, say, ...plan }: Making): Promise<MadeAttempt> {
  const { config, task } = plan;
  const models = new Map<string, MeteredModel>();
  let doing = "working";
  const on_change = say(() => progressOf(doing, models.values(), agentsOf(models)));
  const report = await runAttempt({
    ...plan,
    on_place: (where) => {
      doing = `working on ${where}`;
    },
    openModel: async (caller, watch) => {
      if (gateway === undefined) throw new RangeError(`the agent ${config.agent} has no model`);
      const model = await gateway.open(caller, { watch, on_change });
      models.set(caller.agent_id, model);
      return model;
    },
  });
  say(() => progressOf("storing", models.values(), agentsOf(models)));
  const { prices = null, server = null } = gateway ?? {};
  const options = { config, task_hash: task.task_hash, prices, server };
  return {
    record: attemptRecord(report, options),
    fill: (folder) => fillAttempt(folder, report, options),
  };
}

/**
 * Files first, then the rows with the files' hashes: a kill in between means "not done". What was there is kept aside.
 * Throws Fault `lease_lost` when the attempt is no longer this holder's.
 */
export async function storeAttempt(
  { ledger, log_dir, signal }: Pick<AttemptPlan, "ledger" | "log_dir" | "signal">,
  { record, fill }: MadeAttempt,
  { holder }: Pick<Held, "holder">,
): Promise<AttemptRow> {
  const { attempt_key } = record.attempt;
  await patiently(() => ledger.superseded.replace(attempt_key, "done again", holder), signal);
  const aside = ledger.superseded.folder(attempt_key);
  await writeAttempt(log_dir, { attempt_key, fill, aside });
  const artefacts = await artefactsOf(join(log_dir, attempt_key));
  await patiently(() => ledger.attempts.put([{ ...record, artefacts }], holder), signal);
  return record.attempt;
}

function agentsOf(models: ReadonlyMap<string, MeteredModel>): UnitProgress["agents"] {
  return [...models].map(([agent_id, model]) => ({
    agent_id,
    steps: stepsOf(model.calls),
  }));
}

/** The features of an attempt as the ledger has them. Throws Fault `dataset_missing`. */
export function featuresOf(ledger: Ledger, attempt: AttemptId, task: TaskFiles): Feature[] {
  const rows = ledger.dataset.featuresAt(task);
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
