// Owns the flow of an experiment: every pair of every arm is run, and merged and judged as soon as its agents have finished.
import type { PlannedAttempt } from "../attempt/planned.ts";
import { openJudging, openMerging, seeThrough } from "../engine/after.ts";
import { attemptStage, type UnitResult, unitResult } from "../engine/attempt.ts";
import type { Engine } from "../engine/engine.ts";
import { openLine } from "../engine/line.ts";
import { joinEngine, sandboxesOf } from "../engine/places.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { suitesAtATime } from "../sandbox/width.ts";
import { openMessages, sharedBudget } from "../stages/models.ts";
import { openRun } from "../stages/run.ts";
import { openBreaker } from "./breaker.ts";
import { laterPlan } from "./done.ts";
import type { FlowArm, FlowOptions, FlowReport } from "./flow-plan.ts";

/**
 * Does what is missing from a study. Units that other processes hold are waited for, so that a study is whole when this
 * returns, unless it was stopped. Throws Faults for what concerns the whole study.
 */
export async function runFlow(options: FlowOptions): Promise<FlowReport> {
  const { study, arms, drain, ledger, concurrency, explicit_concurrency = false } = options;
  using engine = joinEngine({ ...options, retries: study.retries }, `pipeline ${study.name}`);
  const stopDraining = () => engine.work.drain();
  drain.addEventListener("abort", stopDraining, { once: true });
  using _heard = { [Symbol.dispose]: () => drain.removeEventListener("abort", stopDraining) };
  const backend = await sandboxesOf({ ...options, ledger }, study.sandbox);
  await using opened = new AsyncDisposableStack();
  const running = await openArms({ ...options, engine, backend, opened });
  const after = await openAfter({ ...options, engine, backend });
  /** Attempts that were finished before this call, until it is known what comes after them. */
  const finished: string[] = [];
  let begun = false;
  const line = openLine({
    engine,
    stage: attemptStage((run) => armOf(running, run).plan, engine.place.send),
    width: engine.work.control.width({ given: concurrency, explicit: explicit_concurrency }),
    force: options.force,
    gate: ({ attempt: { run } }) => armOf(running, run).stopped(),
    on_unit(unit, ended) {
      const told = unitResult(unit, ended);
      armOf(running, unit.attempt.run).note(told);
      options.on_unit({ step: "run", unit: told });
      if ("fault" in told) return;
      if (begun) after?.push(told.key);
      else finished.push(told.key);
    },
  });
  const surveyed = line.survey(pairByPair(arms));
  options.on_start?.(line.counts);
  const todo = await surveyed;
  begun = true;
  after?.push(...(await after.survey(finished)));
  line.push(...todo);
  const left = await seeThrough([line, ...(after?.lines ?? [])]);
  return { left, stopped: [...running.values()].flatMap((arm) => arm.stopped() ?? []) };
}

/** Across all arms: a study that is stopped halfway can still be compared. */
function pairByPair(arms: readonly FlowArm[]): PlannedAttempt[] {
  const longest = Math.max(0, ...arms.map(({ attempts }) => attempts.length));
  return Array.from({ length: longest }, (_, index) =>
    arms.flatMap(({ attempts }) => attempts[index] ?? []),
  ).flat();
}

type Around = FlowOptions & { readonly engine: Engine; readonly backend: Backend };
type RunningArm = Awaited<ReturnType<typeof openArm>>;

/** Every arm's run, by its name, with the money that they share. */
async function openArms(options: Around & { readonly opened: AsyncDisposableStack }) {
  const { study, arms, ledger, engine, opened, signal } = options;
  const runs = arms.map(({ run }) => run);
  const { work } = engine;
  const budget = sharedBudget({ ledger, work, runs, budget_usd: study.budget_usd });
  const mailroom = opened.use(
    await openMessages({
      ...{ redis: study.redis, ledger, signal, place: engine.place },
    }),
  );
  const running = new Map<string, RunningArm>();
  for (const arm of arms)
    running.set(arm.run, await openArm({ ...options, budget, mailroom }, arm));
  return running;
}

type Shared = Around & {
  readonly opened: AsyncDisposableStack;
  readonly budget: ReturnType<typeof sharedBudget>;
  readonly mailroom: Awaited<ReturnType<typeof openMessages>>;
};

async function openArm(options: Shared, arm: FlowArm) {
  const { run, config, pairs, attempts, edition, prices_file, same_server } = arm;
  const { study, ledger, engine, opened, mailroom, budget, signal } = options;
  const breaker = openBreaker(options.keep_going);
  const { plan, gateway } = opened.use(
    await openRun(
      {
        ...{ ledger, mailroom, budget, signal, work: engine.work },
        ...{ log_dir: options.log_dir, dataset_dir: options.dataset_dir },
        sandboxes: options.backend,
        ...{ prices_file, same_server },
        model_calls: study.concurrency.model_calls,
        max_outage_ms: study.max_outage_ms,
        redo_changed: options.keep_changed !== true,
        ...{ place: engine.place, redis: study.redis },
        on_event: (event) => options.on_event(run, event),
      },
      { name: run, config, edition, pairs: [...pairs], attempts: [...attempts] },
    ),
  );
  return {
    plan,
    stopped: () => gateway?.stopped ?? breaker.broken(),
    /** What was done before does not show whether it can be done now. */
    note(unit: UnitResult) {
      if ("fault" in unit) breaker.note(unit.fault);
      else if (unit.fresh) breaker.note(undefined);
    },
  };
}

function armOf(running: ReadonlyMap<string, RunningArm>, run: string): RunningArm {
  const arm = running.get(run);
  if (arm === undefined) throw new RangeError(`no arm has the run ${run}`);
  return arm;
}

/** What comes after the agents: nothing, a merge, or a merge and its verdict. */
async function openAfter(options: Around) {
  const { target, engine, on_unit, backend, study } = options;
  if (target === "run") return undefined;
  const suites = await suitesAtATime(backend, study.concurrency.suites);
  const plan = { ...laterPlan(options), suites };
  return target === "merge"
    ? openMerging(engine, plan, on_unit)
    : openJudging(engine, plan, on_unit);
}
