// Owns the one loop over units: look, claim, do, store, fault, retry, take up what is asked for again.
import { asFault, Fault } from "../core/fault.ts";
import { patiently } from "../work/patience.ts";
import type { Held } from "../work/work.ts";
import { type Cancelled, openCancelled } from "./cancelled.ts";
import { judged, type Look, look } from "./done.ts";
import type { Engine } from "./engine.ts";
import { type Batch, openQueue, type Visit } from "./queue.ts";
import { recordFault } from "./record-fault.ts";
import { type Again, openAgain } from "./retriable.ts";
import { canMove, retryAfter } from "./retries.ts";
import type { Job, Stage } from "./stage.ts";
import { type Counts, openTally, type Tally } from "./tally.ts";

/** What became of a unit; `fresh` is false when it was done before this call, or by another process. */
export type Ended<S> = { readonly stored: S; readonly fresh: boolean } | { readonly fault: Fault };
export type LineOptions<U, I, S, W> = {
  readonly engine: Engine;
  readonly stage: Stage<U, I, S, W>;
  /** Units at a time; groups of them where they come in batches. A function where it may change. */
  readonly width: number | (() => number);
  readonly batch?: Batch<U> | undefined;
  /** Redoes finished units. */
  readonly force?: boolean | undefined;
  /** Why a unit like this one is no longer begun: no money, no model, one fault after another. */
  readonly gate?: ((unit: U) => Fault | undefined) | undefined;
  /** While it returns true nothing is begun: the next stage has enough to do. */
  readonly hold?: (() => boolean) | undefined;
  readonly on_unit: (unit: U, ended: Ended<S>) => void;
};
export type Line<U> = {
  /** Reports those that are done; returns the others. All of them count from the call on. */
  readonly survey: (units: readonly U[]) => Promise<readonly U[]>;
  readonly push: (...units: readonly U[]) => void;
  readonly close: () => void;
  /** Lets units that were held back begin. */
  readonly wake: () => void;
  /** Units that wait to be begun. */
  readonly backlog: () => number;
  readonly counts: () => Counts;
  /** Resolves with the units that were not begun or not settled, once closed. */
  readonly done: Promise<readonly U[]>;
};

/** How long another look at a unit that another process holds can wait. */
const HELD_MS = 300;

/** Opens the loop of one stage. What breaks it, other than Faults of units, rejects `done` and ends the engine's other lines. */
export function openLine<U, I, S, W>(options: LineOptions<U, I, S, W>): Line<U> {
  const { engine, stage, width, batch, hold } = options;
  const { control } = engine.work;
  const line: Open<U, I, S, W> = {
    ...options,
    since: options.force ? new Date().toISOString() : undefined,
    tries: new Map(),
    moves: new Map(),
    again: openAgain<U>(engine.ledger.faults, [stage.name]),
    cancelled: openCancelled<U>(control, (unit) => stage.about(unit)),
    tally: openTally((unit: U) => stage.about(unit).unit),
  };
  const queue = openQueue<U>({
    ...{ concurrency: width, stop: engine.stop, batch, hold },
    park: (unit) => control.paused(stage.about(unit).run),
    visit: (units) => line.tally.during(units, () => visit(line, units)),
  });
  queue.done.catch(engine.fail);
  const push = (...units: readonly U[]) => {
    works(line, units);
    line.tally.given(units);
    units.forEach(queue.push);
  };
  using opened = new DisposableStack();
  opened.use(engine.work.onBeat(() => push(...line.again.asked())));
  opened.use(
    control.onChange(() => {
      push(...line.cancelled.look());
      queue.free();
    }),
  );
  const ended = opened.move();
  return {
    survey: (units) => survey(line, units),
    push,
    close: queue.close,
    wake: queue.wake,
    backlog: queue.ready,
    counts: line.tally.counts,
    done: queue.done
      .then((left) => [...left, ...line.cancelled.units()])
      .finally(() => ended[Symbol.dispose]()),
  };
}

type Open<U, I, S, W> = LineOptions<U, I, S, W> & {
  /** Results from before it do not count; undefined: all do. */
  readonly since: string | undefined;
  /** How often units met a fault in this call. */
  readonly tries: Map<string, number>;
  /** How often they left a place that failed. */
  readonly moves: Map<string, number>;
  readonly again: Again<U>;
  readonly cancelled: Cancelled<U>;
  readonly tally: Tally<U>;
};
type ToDo<U, I> = { readonly unit: U; readonly inputs: I };

/** What is asked of these units' runs concerns this process from now on. */
function works<U, I, S, W>({ engine, stage }: Open<U, I, S, W>, units: readonly U[]): void {
  engine.work.control.works([...new Set(units.map((unit) => stage.about(unit).run))]);
}

async function survey<U, I, S, W>(line: Open<U, I, S, W>, units: readonly U[]): Promise<U[]> {
  works(line, units);
  line.tally.given(units);
  const looks = await look(line.stage, units, line.since);
  return units.filter((unit, index) => {
    const found = looks[index];
    if (found?.kind === "done") tell(line, unit, { stored: found.stored, fresh: false });
    return found?.kind !== "done";
  });
}

/** Visits a group of units: those to be done are claimed together, and handed to the place together. */
async function visit<U, I, S, W>(
  line: Open<U, I, S, W>,
  units: readonly U[],
): Promise<readonly Visit[]> {
  const ends = new Map<U, Visit>();
  const todo: ToDo<U, I>[] = [];
  for (const [index, found] of (await look(line.stage, units, line.since)).entries()) {
    const unit = units[index] as U;
    const end = await withoutWork(line, unit, found);
    if (end !== undefined) ends.set(unit, end);
    else if (found.kind === "to do") todo.push({ unit, inputs: found.inputs });
  }
  for (const [unit, end] of await claimAndDo(line, todo)) ends.set(unit, end);
  return units.map((unit) => ends.get(unit) ?? "left");
}

/** What a look alone says about a unit; undefined: it must be done. */
async function withoutWork<U, I, S, W>(
  line: Open<U, I, S, W>,
  unit: U,
  found: Look<I, S>,
): Promise<Visit | undefined> {
  if (found.kind === "done") return tell(line, unit, { stored: found.stored, fresh: false });
  if (line.cancelled.takes(unit)) return "settled";
  if (found.kind === "refused") return tell(line, unit, { fault: found.fault });
  if (found.kind === "broken") return await meet(line, unit, { fault: found.fault });
  return line.engine.stop.aborted || line.gate?.(unit) !== undefined ? "left" : undefined;
}

async function claimAndDo<U, I, S, W>(
  line: Open<U, I, S, W>,
  todo: readonly ToDo<U, I>[],
): Promise<readonly [U, Visit][]> {
  if (todo.length === 0) return [];
  using claims = new DisposableStack();
  const mine: Job<U, I>[] = [];
  const ends: [U, Visit][] = [];
  for (const [index, claim] of (await claimed(line, todo)).entries()) {
    const one = todo[index] as ToDo<U, I>;
    if (typeof claim !== "string") mine.push({ ...one, held: claims.use(claim) });
    else ends.push([one.unit, elsewhere(line, one)]);
  }
  if (mine.length === 0) return ends;
  const { place } = line.engine;
  using _watched = line.cancelled.during(mine);
  const made = await place.work(line.stage, mine).catch((error) => mine.map(() => asFault(error)));
  for (const [index, job] of mine.entries())
    ends.push([job.unit, await keep(line, job, made[index] as W | Fault)]);
  return ends;
}

/** Asks for units. Whether one is done is asked again under the ledger's lock: another process may just have done it. */
async function claimed<U, I, S, W>(line: Open<U, I, S, W>, todo: readonly ToDo<U, I>[]) {
  const { stage, engine } = line;
  const wanted = todo.map(({ unit }) => {
    const { unit: key, run } = stage.about(unit);
    return { unit: key, step: stage.name, run };
  });
  const byKey = new Map(todo.map((one, index) => [wanted[index]?.unit, one]));
  const isDone = ({ unit: key }: { readonly unit: string }) => {
    const one = byKey.get(key);
    return one !== undefined && standing(line, one).kind === "done";
  };
  return await patiently(() => engine.work.claim(wanted, isDone), engine.signal);
}

function standing<U, I, S, W>({ stage, since }: Open<U, I, S, W>, { unit, inputs }: ToDo<U, I>) {
  return judged(stage, { stored: stage.stored([unit])[0], inputs, since });
}

/** A unit that another process holds, or has just done. */
function elsewhere<U, I, S, W>(line: Open<U, I, S, W>, one: ToDo<U, I>): Visit {
  const found = standing(line, one);
  if (found.kind !== "done") return { later_ms: HELD_MS };
  return tell(line, one.unit, { stored: found.stored, fresh: false });
}

async function keep<U, I, S, W>(
  line: Open<U, I, S, W>,
  job: Job<U, I>,
  made: W | Fault,
): Promise<Visit> {
  const { unit, held } = job;
  try {
    if (made instanceof Fault) throw made;
    return tell(line, unit, { stored: await line.stage.store(job, made), fresh: true });
  } catch (error) {
    return await meet(line, unit, { fault: asFault(error), held });
  }
}

/** A fault of a unit: kept in the ledger, and the unit is tried again later where that may help. */
async function meet<U, I, S, W>(
  line: Open<U, I, S, W>,
  unit: U,
  { fault, held }: { readonly fault: Fault; readonly held?: Held },
): Promise<Visit> {
  const { ledger, signal, stop } = line.engine;
  if (signal.aborted) return "left";
  if (fault.code === "lease_lost") {
    if (held) await patiently(held.refused, signal);
    return { later_ms: HELD_MS };
  }
  if (held?.signal.aborted && line.cancelled.takes(unit)) return "settled";
  // It was resumed before it had ended.
  if (held?.signal.aborted) return { later_ms: 0 };
  const about = line.stage.about(unit);
  const spent = held?.progress();
  await patiently(
    () => recordFault(ledger, { about, step: line.stage.name, fault, spent }),
    signal,
  );
  if (held) await patiently(held.fail, signal);
  const later_ms = laterAfter(line, about.unit, fault);
  if (later_ms !== undefined && !stop.aborted && line.gate?.(unit) === undefined)
    return { later_ms };
  const ended = tell(line, unit, { fault });
  line.again.met(about.unit, unit);
  return ended;
}

/** Milliseconds until the unit is tried again; undefined when it is not. Counts the fault. */
function laterAfter<U, I, S, W>(
  { tries, moves, engine }: Open<U, I, S, W>,
  unit: string,
  fault: Fault,
): number | undefined {
  const moved = moves.get(unit) ?? 0;
  if (canMove(fault, moved)) {
    moves.set(unit, moved + 1);
    return 0;
  }
  const times = (tries.get(unit) ?? 0) + 1;
  tries.set(unit, times);
  return retryAfter(fault, times, engine.retries);
}

function tell<U, I, S, W>(line: Open<U, I, S, W>, unit: U, ended: Ended<S>): "settled" {
  const { unit: key } = line.stage.about(unit);
  line.tries.delete(key);
  line.moves.delete(key);
  line.again.over(key);
  line.tally.ended(unit);
  line.on_unit(unit, ended);
  return "settled";
}
