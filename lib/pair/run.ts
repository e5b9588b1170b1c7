// Owns running many attempts of one run: what is still to do, who does it, and what comes again.
import type { Ledger } from "../../db/ledger.ts";
import type { AttemptRow, PairRow, RunRow } from "../../db/schema.ts";
import { asFault, Fault } from "../fault.ts";
import type { Gateway } from "../model/gateway.ts";
import { recordFault } from "../record-fault.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import type { Mailroom } from "../team/mailroom.ts";
import { openAgain } from "../work/again.ts";
import { patiently } from "../work/patience.ts";
import { openQueue, type Visit } from "../work/queue.ts";
import { type Retries, retryAfter } from "../work/retries.ts";
import type { Work } from "../work/work.ts";
import type { RunConfig } from "./config.ts";
import { type PlannedAttempt, plannedAttempts } from "./planned.ts";
import { runUnit } from "./unit.ts";

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
  readonly work: Work;
  /** Stops everything. */
  readonly signal: AbortSignal;
  /** Stops the beginning of attempts only. */
  readonly drain: AbortSignal;
  readonly retries: Retries;
  /** Does attempts again that were made on another version of their task; they are faults otherwise. */
  readonly redo_changed: boolean;
  readonly onDone: (unit: UnitResult) => void;
};
/** What became of one attempt; `fresh` is false when it was finished before this call. */
export type UnitResult =
  | { readonly key: string; readonly outcome: string; readonly fresh: boolean }
  | { readonly key: string; readonly fault: Fault };

/**
 * Runs what is missing; finished attempts are reported again without being done again, and those that another process
 * holds are waited for. Faults do not stop the others, unless no later call to the model can succeed: `left` is the number
 * of attempts that are not done, without those that met a fault.
 */
export async function runPairs(plan: RunPlan): Promise<{ left: number }> {
  const runner = openRunner(plan);
  const stop = AbortSignal.any([plan.signal, plan.drain]);
  const queue = openQueue({ concurrency: plan.concurrency, stop, visit: runner.visit });
  using _requeued = plan.work.onBeat(() => runner.requeued().forEach(queue.push));
  for (const unit of plannedAttempts({ ...plan, run_name: plan.run.run })) queue.push(unit);
  queue.close();
  return { left: (await queue.done).length };
}

/** A run that is under way: visits to its attempts, in any order. */
export function openRunner(plan: RunPlan) {
  const since = new Date().toISOString();
  const tries = new Map<string, number>();
  const again = openAgain<PlannedAttempt>(plan.ledger.faults, ["run"]);
  return {
    async visit(unit: PlannedAttempt): Promise<Visit> {
      const { pair_key, done } = unit;
      if (done && !(plan.redo_changed && !isCurrent(plan, { pair_key, done })))
        return settleDone(plan, unit, done);
      if (plan.gateway?.stopped) return "left";
      const held = await claim(plan, unit, since);
      if (held === "held") return { later_ms: HELD_MS };
      if (held === "done") return settleDone(plan, unit, storedOf(plan, unit.key));
      using _held = held;
      try {
        plan.onDone(await runUnit(plan, unit, held));
        again.over(unit.key);
        return "settled";
      } catch (error) {
        if (plan.signal.aborted) return "left";
        const fault = asFault(error);
        if (fault.code === "lease_lost") return { later_ms: HELD_MS };
        const { attempt } = unit;
        const { cost_usd } = held.progress();
        const met = { attempt, step: "run", fault, cost_usd } as const;
        await patiently(() => recordFault(plan.ledger, met), plan.signal);
        await patiently(held.fail, plan.signal);
        const times = (tries.get(unit.key) ?? 0) + 1;
        tries.set(unit.key, times);
        const later_ms = retryAfter(fault, times, plan.retries);
        if (later_ms !== undefined && !plan.gateway?.stopped) return { later_ms };
        tries.delete(unit.key);
        again.met(unit.key, unit);
        plan.onDone({ key: unit.key, fault });
        return "settled";
      }
    },
    /** Attempts that met a fault in this call and were asked for again from elsewhere; each is given once. */
    requeued: again.asked,
  };
}

/** How long another look at somebody else's unit can wait. */
const HELD_MS = 500;

function claim(plan: RunPlan, { key, pair_key }: PlannedAttempt, since: string) {
  const work = { unit: key, step: "run", run: plan.run.run } as const;
  const isDone = () => {
    const stored = plan.ledger.attempts.find(key);
    if (stored === undefined || (plan.force && stored.started_at < since)) return false;
    return !plan.redo_changed || isCurrent(plan, { pair_key, done: stored });
  };
  return patiently(() => plan.work.claim([work], isDone)[0] ?? "held", plan.signal);
}

function storedOf(plan: RunPlan, key: string): Finished {
  const stored = plan.ledger.attempts.find(key);
  if (stored) return stored;
  throw new Fault("internal", `${key} was done and is gone`, { hint: "run the command again" });
}

/** Whether a finished attempt was made on the task as it is now. */
function isCurrent(
  plan: Pick<RunPlan, "taskOf">,
  { pair_key, done }: { pair_key: string; done: Finished },
): boolean {
  return done.task_hash === plan.taskOf(pair_key).task_hash;
}

type Finished = Pick<AttemptRow, "task_hash" | "outcome">;

function settleDone(plan: RunPlan, { key, pair_key }: PlannedAttempt, done: Finished): "settled" {
  try {
    if (!isCurrent(plan, { pair_key, done })) throw changedTask(key);
    plan.onDone({ key, outcome: done.outcome, fresh: false });
  } catch (error) {
    plan.onDone({ key, fault: asFault(error) });
  }
  return "settled";
}

function changedTask(key: string): Fault {
  return new Fault("dataset_changed", `${key} was run on another version of its task`, {
    hint: "use a new run name with -n, or --force to run it again",
  });
}
