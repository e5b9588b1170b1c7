// Owns the order of work: a limited number of groups of units at a time; those that must wait come again later, new ones may join.

/** What became of one visit to a unit: `left` as it was, or to be visited again after this many milliseconds. */
export type Visit = "settled" | "left" | { readonly later_ms: number };

export type Queue<T> = {
  /** Adds a unit at the end; one that comes after the end of the work is dropped. */
  readonly push: (unit: T) => void;
  /** Declares that no more units will be added from outside. */
  readonly close: () => void;
  /** Looks again whether units can be begun: what held them may be over. */
  readonly wake: () => void;
  /** Looks again at units that were parked. */
  readonly free: () => void;
  /** Units that wait to be begun, without those that come again later. */
  readonly ready: () => number;
  /**
   * Once closed and nothing is under way: resolves with the units that were not begun or not settled; rejects with the
   * first error of a visit.
   */
  readonly done: Promise<readonly T[]>;
};
export type QueueOptions<T> = {
  /** Groups at a time; a function where that may change: it is asked before anything is begun. */
  readonly concurrency: number | (() => number);
  readonly stop: AbortSignal;
  /** Visits a group; what became of each, in the same order. */
  readonly visit: (units: readonly T[]) => Promise<readonly Visit[]>;
  /** Which units make a group: alone when absent. */
  readonly batch?: Batch<T> | undefined;
  /** While it returns true nothing is begun. */
  readonly hold?: (() => boolean) | undefined;
  /** Units that are not begun while it returns true for them; others pass them, and they keep their order. */
  readonly park?: ((unit: T) => boolean) | undefined;
};
/** Groups of at most `most` similar units; those asked for within a moment may wait for each other. */
export type Batch<T> = {
  readonly most: number;
  readonly alike?: ((unit: T) => string) | undefined;
  readonly moment_ms: number;
};

const ALONE: Batch<unknown> = { most: 1, moment_ms: 0 };

/**
 * Visits units in order, `concurrency` groups at a time. Once `stop` is aborted or a visit threw nothing more is begun; what
 * is under way is waited for. Throws RangeError unless `concurrency` is at least 1 at the beginning.
 */
export function openQueue<T>(options: QueueOptions<T>): Queue<T> {
  const { concurrency, stop, visit, hold = () => false, batch = ALONE as Batch<T> } = options;
  const { park = () => false } = options;
  const width = typeof concurrency === "number" ? () => concurrency : concurrency;
  if (!(width() >= 1)) throw new RangeError(`concurrency ${width()} must be at least 1`);
  const waiting = new Map<ReturnType<typeof setTimeout>, T>();
  const left: T[] = [];
  const errors: unknown[] = [];
  const end = Promise.withResolvers<readonly T[]>();
  const ready = openLane(batch);
  const parked = openParked(park);
  let [running, closed, ended] = [0, false, false];
  let gathering: ReturnType<typeof setTimeout> | undefined;

  const next = () => {
    clearTimeout(gathering);
    gathering = undefined;
    if (ended) return;
    const stopped = stop.aborted || errors.length > 0;
    while (!stopped && running < width() && ready.size() > 0 && !hold()) {
      const group = parked.rest(ready.take());
      if (group.length > 0) begin(group);
    }
    if (running > 0 || !closed) return;
    const empty = ready.size() === 0 && parked.size() === 0 && waiting.size === 0;
    if (stopped || empty) finish();
  };
  const wake = () => {
    if (closed || batch.moment_ms === 0) next();
    else gathering ??= setTimeout(next, batch.moment_ms);
  };
  const begin = (units: readonly T[]) => {
    running++;
    visit(units).then(
      (visits) => settle(units, visits),
      (error) => {
        errors.push(error);
        settle(units, []);
      },
    );
  };
  const settle = (units: readonly T[], visits: readonly Visit[]) => {
    running--;
    for (const [index, unit] of units.entries()) {
      const came = visits[index] ?? "settled";
      if (came === "left") left.push(unit);
      else if (came !== "settled") visitLater(unit, came.later_ms);
    }
    next();
  };
  const visitLater = (unit: T, later_ms: number) => {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      ready.add(unit);
      wake();
    }, later_ms);
    waiting.set(timer, unit);
  };
  const finish = () => {
    ended = true;
    stop.removeEventListener("abort", next);
    for (const timer of waiting.keys()) clearTimeout(timer);
    if (errors.length > 0) end.reject(errors[0]);
    else end.resolve([...left, ...waiting.values(), ...parked.end(), ...ready.rest()]);
  };
  stop.addEventListener("abort", next, { once: true });
  return {
    push(unit) {
      if (ended) return;
      ready.add(unit);
      wake();
    },
    close() {
      closed = true;
      next();
    },
    wake,
    free() {
      ready.addFirst(parked.freed());
      wake();
    },
    ready: () => ready.size() + parked.size(),
    done: end.promise,
  };
}

/** Units in order, taken in groups. */
function openLane<T>({ most, alike }: Batch<T>) {
  let units: T[] = [];
  let first = 0;
  const rest = () => units.slice(first);
  return {
    add: (unit: T) => void units.push(unit),
    addFirst(some: readonly T[]) {
      if (some.length > 0) [units, first] = [[...some, ...rest()], 0];
    },
    size: () => units.length - first,
    rest,
    take(): readonly T[] {
      if (alike === undefined) {
        const group = units.slice(first, first + most);
        first += group.length;
        return group;
      }
      const all = rest();
      const kind = alike(all[0] as T);
      const group = all.filter((unit) => alike(unit) === kind).slice(0, most);
      const taken = new Set(group);
      [units, first] = [all.filter((unit) => !taken.has(unit)), 0];
      return group;
    },
  };
}

const LONG_MS = 2 ** 30;

/** Units that are set aside as long as `isParked`. While there are any, the process stays: somebody will free them. */
function openParked<T>(isParked: (unit: T) => boolean) {
  let units: T[] = [];
  let stay: ReturnType<typeof setInterval> | undefined;
  const keep = (some: T[]) => {
    units = some;
    if (units.length === 0) {
      clearInterval(stay);
      stay = undefined;
    } else stay ??= setInterval(() => undefined, LONG_MS);
  };
  return {
    size: () => units.length,
    /** What is not to be parked of a group. */
    rest(group: readonly T[]): readonly T[] {
      const parked = group.filter(isParked);
      if (parked.length === 0) return group;
      units.push(...parked);
      keep(units);
      return group.filter((unit) => !parked.includes(unit));
    },
    /** Those that need not wait any longer, in their order. */
    freed(): readonly T[] {
      if (units.length === 0) return units;
      const groups = Map.groupBy(units, isParked);
      keep(groups.get(true) ?? []);
      return groups.get(false) ?? [];
    },
    end(): readonly T[] {
      const all = units;
      keep([]);
      return all;
    },
  };
}
