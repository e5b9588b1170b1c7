// Owns the stage `run`: attempts at pairs, of one run or of several at once.
import type { FinishedAttempt } from "../../db/attempts.ts";
import { forgetSteps } from "../attempt/followed.ts";
import { type PlannedAttempt, plannedAttempts } from "../attempt/planned.ts";
import { type AttemptPlan, type MadeAttempt, makeAttempt, storeAttempt } from "../attempt/unit.ts";
import type { Fault } from "../core/fault.ts";
import type { Send } from "../errands/errand.ts";
import type { Work } from "../work/work.ts";
import {
  type AttemptSources,
  attemptLooks,
  type StoredAttempt,
  type TaskVersion,
} from "./done-checks.ts";
import { openEngine } from "./engine.ts";
import { type Ended, type Line, openLine } from "./line.ts";
import type { Place } from "./place.ts";
import type { Retries } from "./retries.ts";
import { eachJob, type Stage } from "./stage.ts";

/** What the attempts of one run are made with, and what becomes of those made on another version of their task. */
export type RunPlan = AttemptPlan & AttemptSources;

/** What became of one attempt; `fresh` is false when it was finished before this call. */
export type UnitResult =
  | { readonly key: string; readonly outcome: string; readonly fresh: boolean }
  | { readonly key: string; readonly fault: Fault };

/** Attempts of several runs, each made by its own plan; by other processes where there is a way to send them. */
export function attemptStage(
  planOf: (run: string) => RunPlan,
  send?: Send,
): Stage<PlannedAttempt, TaskVersion, StoredAttempt, MadeAttempt> {
  const planFor = ({ attempt }: PlannedAttempt) => planOf(attempt.run);
  return {
    ...attemptLooks(planOf),
    work: eachJob(async ({ unit, held }) => {
      forgetSteps(planFor(unit).log_dir, unit.key);
      if (send === undefined) return await makeAttempt(planFor(unit), unit, held);
      const { sendAttempt } = await import("../errands/send-attempt.ts");
      return await sendAttempt(send, planFor(unit), { unit, held });
    }),
    async store({ unit, held }, made) {
      const stored = await storeAttempt(planFor(unit), made, held);
      forgetSteps(planFor(unit).log_dir, unit.key);
      return { ...stored, key: unit.key };
    },
  };
}

/** What became of an attempt, as it is reported. */
export function unitResult({ key }: PlannedAttempt, ended: Ended<FinishedAttempt>): UnitResult {
  if ("fault" in ended) return { key, fault: ended.fault };
  return { key, outcome: ended.stored.outcome, fresh: ended.fresh };
}

export type RunPairsPlan = RunPlan & {
  readonly run: string;
  readonly pairs: readonly { readonly pair_key: string }[];
  /** The n-th attempt at each pair; 1 unless repeated. */
  readonly tries: number;
  readonly concurrency: number;
  /** See the option of the same name of a stage. */
  readonly explicit_concurrency?: boolean | undefined;
  readonly force: boolean;
  readonly work: Work;
  /** Where attempts are made; in this process when absent. */
  readonly place?: Place | undefined;
  /** Stops only the start of attempts. */
  readonly drain: AbortSignal;
  readonly retries: Retries;
  readonly onDone: (unit: UnitResult) => void;
  /** Called with the line before anything begins: for progress. */
  readonly onLine?: ((line: Pick<Line<PlannedAttempt>, "counts">) => void) | undefined;
};

/**
 * Runs what is missing; finished attempts are reported again without being redone, and those that another process holds
 * are waited for. Faults do not stop the others, unless no later call to the model can succeed: `left` is the number of
 * attempts that are not done, without those that met a fault.
 */
export async function runPairs(plan: RunPairsPlan): Promise<{ left: number }> {
  const { concurrency: given, explicit_concurrency: explicit = false } = plan;
  const engine = openEngine(plan);
  const line = openLine({
    engine,
    stage: attemptStage(() => plan, engine.place.send),
    width: plan.work.control.width({ given, explicit }),
    force: plan.force,
    gate: () => plan.gateway?.stopped,
    on_unit: (unit, ended) => plan.onDone(unitResult(unit, ended)),
  });
  const surveyed = line.survey(plannedAttempts({ ...plan, run_name: plan.run }));
  plan.onLine?.(line);
  line.push(...(await surveyed));
  line.close();
  return { left: (await line.done).length };
}
