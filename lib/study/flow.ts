// Owns the flow of a study: every pair of every arm is run, and merged and judged as soon as its agents have finished.
import type { Ledger } from "../../db/ledger.ts";
import { openTester, type Tester } from "../eval/results.ts";
import { type EvalUnit, evaluateRuns } from "../eval/run.ts";
import type { Fault } from "../fault.ts";
import { type MergeUnit, mergeRuns } from "../merge/run.ts";
import type { GatewayEvent } from "../model/gateway.ts";
import type { PlannedAttempt } from "../pair/planned.ts";
import { openRunner, type UnitResult } from "../pair/run.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { openMessages, sharedBudget } from "../steps/models.ts";
import { sandboxesOf } from "../steps/places.ts";
import { openRun } from "../steps/run.ts";
import { openAgain } from "../work/again.ts";
import { openQueue, type Queue, type Visit } from "../work/queue.ts";
import { openWork, type Work } from "../work/work.ts";
import { openBatch } from "./batch.ts";
import { openBreaker } from "./breaker.ts";
import { finishedUnits, LATER, laterPlan } from "./done.ts";
import type { Study } from "./file.ts";
import type { StudyArm } from "./runs.ts";

/** How far the pairs of a study are taken. */
export type FlowTarget = "run" | "merge" | "eval";
/** What became of a unit in one step. */
export type FlowEvent =
  | { readonly step: "run"; readonly unit: UnitResult }
  | { readonly step: "merge"; readonly unit: MergeUnit }
  | { readonly step: "eval"; readonly unit: EvalUnit };

export type FlowOptions = {
  readonly study: Study;
  readonly arms: readonly StudyArm[];
  readonly target: FlowTarget;
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly dataset_dir: string;
  /** Attempts at a time. */
  readonly concurrency: number;
  /** Goes on with an arm whatever its units meet. */
  readonly keep_going: boolean;
  readonly signal: AbortSignal;
  readonly drain: AbortSignal;
  readonly on_unit: (event: FlowEvent) => void;
  readonly on_event: (run: string, event: GatewayEvent) => void;
};
/** Attempts that wait for one batch of merges at most. */
const MERGES = 100;

/** What was left undone by intent: attempts not begun or not ended, and why. */
export type FlowReport = { readonly left: number; readonly stopped: readonly Fault[] };

/**
 * Does what is missing of a study. Units that other processes hold are waited for, so that a study is whole when this
 * returns, unless it was stopped. Throws Faults for what concerns the whole study.
 */
export async function runFlow(options: FlowOptions): Promise<FlowReport> {
  const { study, arms, ledger, signal, drain, target } = options;
  using work = openWork({ ledger, command: `pipeline ${study.name}` });
  const stopDraining = () => work.drain();
  drain.addEventListener("abort", stopDraining, { once: true });
  const backend = await sandboxesOf(options, study.sandbox);
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, drain, failed.signal]);
  /** What breaks one queue ends the other too. */
  const together = async (visit: Promise<Visit>): Promise<Visit> =>
    await visit.catch((error) => {
      failed.abort(error);
      throw error;
    });
  const later = openLater({ ...options, work, backend });
  const next = openQueue<string>({
    concurrency: target === "merge" ? MERGES : LATER,
    stop,
    visit: (key) => together(later.visit(key)),
  });
  await using opened = new AsyncDisposableStack();
  const lines = await openArms({ ...options, work, backend, opened, next });
  const queue = openQueue<Line>({
    concurrency: options.concurrency,
    stop,
    visit: ({ visit, unit }) => together(visit(unit)),
  });
  using _requeued = work.onBeat(() => {
    for (const { requeued, visit } of lines)
      for (const unit of requeued()) queue.push({ visit, unit });
    for (const key of later.requeued()) next.push(key);
  });
  // Pair by pair over all arms: a study that is stopped half way can still be compared.
  const longest = Math.max(0, ...arms.map(({ attempts }) => attempts.length));
  for (let index = 0; index < longest; index++)
    for (const { arm, visit } of lines) {
      const unit = arm.attempts[index];
      if (unit) queue.push({ visit, unit });
    }
  queue.close();
  const ends = await Promise.allSettled([queue.done.finally(next.close), next.done]);
  const [left = [], unjudged = []] = ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
  drain.removeEventListener("abort", stopDraining);
  const stopped = lines.flatMap((line) => line.stopped() ?? []);
  return { left: left.length + (target === "run" ? 0 : unjudged.length), stopped };
}

type Line = {
  readonly visit: (unit: PlannedAttempt) => Promise<Visit>;
  readonly unit: PlannedAttempt;
};
type Around = FlowOptions & { readonly work: Work; readonly backend: Backend };

/** Opens every arm's run; what it finishes goes on to the next queue, unless that has nothing left to do for it. */
async function openArms(
  options: Around & { readonly opened: AsyncDisposableStack; readonly next: Queue<string> },
) {
  const { study, arms, ledger, work, opened, next, target } = options;
  const runs = arms.map(({ run }) => run);
  const budget = sharedBudget({ ledger, work, runs, budget_usd: study.budget_usd });
  const mailroom = opened.use(
    await openMessages({ redis: study.redis, ledger, signal: options.signal }),
  );
  const finished = target === "run" ? new Map() : await finishedUnits(options, target);
  const lines = [];
  for (const { arm, run, config, pairs, attempts } of arms) {
    const breaker = openBreaker(options.keep_going);
    const onDone = (unit: UnitResult) => {
      // What was done before says nothing about whether it can be done now.
      if ("fault" in unit) breaker.note(unit.fault);
      else if (unit.fresh) breaker.note(undefined);
      options.on_unit({ step: "run", unit });
      if ("fault" in unit) return;
      const known = unit.fresh ? undefined : finished.get(unit.key);
      if (known) options.on_unit(known);
      else if (target !== "run") next.push(unit.key);
    };
    const { plan, gateway } = opened.use(
      await openRun(
        {
          ...{ ledger, work, mailroom, budget, on_unit: onDone },
          ...{ log_dir: options.log_dir, dataset_dir: options.dataset_dir },
          ...{ signal: options.signal, drain: options.drain, retries: study.retries },
          sandboxes: options.backend,
          tries: arm.tries,
          prices_file: arm.prices_file,
          model_calls: study.concurrency.model_calls,
          redo_changed: true,
          on_event: (event) => options.on_event(run, event),
        },
        { name: run, config, pairs: [...pairs], attempts: [...attempts] },
      ),
    );
    const runner = openRunner(plan);
    const visit = async (unit: PlannedAttempt): Promise<Visit> =>
      breaker.broken() ? "left" : await runner.visit(unit);
    const stopped = () => gateway?.stopped ?? breaker.broken();
    lines.push({ arm: { attempts }, visit, requeued: runner.requeued, stopped });
  }
  return lines;
}

/** What comes after the agents: a merge, or a merge and its verdict. */
function openLater(options: Around) {
  const plan = { ...laterPlan(options), work: options.work };
  const tester: Tester = openTester(plan);
  const { target, backend, ledger } = options;
  const again = openAgain<string>(ledger.faults, ["merge", "eval"]);
  const told = new Set<string>();
  const tell = (event: FlowEvent) => {
    const { key } = event.unit;
    told.add(key);
    if ("fault" in event.unit) again.met(key, key);
    options.on_unit(event);
  };
  /** Git merges many at once in the time that it takes for one. */
  const merge = openBatch<string>((keys) =>
    mergeRuns({
      ...plan,
      filter: { keys },
      baseOf: backend.baseAtHand,
      onDone: (unit) => tell({ step: "merge", unit }),
    }),
  );
  const judge = (key: string) =>
    evaluateRuns({
      ...plan,
      filter: { keys: [key] },
      tester,
      onDone: (unit) => tell({ step: "eval", unit }),
    });
  return {
    /** Units that met a fault in this call and were asked for again from elsewhere; each is given once. */
    requeued: again.asked,
    async visit(key: string): Promise<Visit> {
      await (target === "merge" ? merge(key) : judge(key));
      return told.delete(key) ? "settled" : "left";
    },
  };
}
