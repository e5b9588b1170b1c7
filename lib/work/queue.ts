// Owns the order of work: so many units at a time, those that must wait come again later, new ones may join.

/** What became of one visit to a unit: `left` as it was, or to be visited again after so many milliseconds. */
export type Visit = "settled" | "left" | { readonly later_ms: number };

export type Queue<T> = {
  /** Adds a unit at the end; one that comes after the end of it all is let go. */
  readonly push: (unit: T) => void;
  /** Says that no more units will be added from outside. */
  readonly close: () => void;
  /**
   * Once closed and nothing is under way: resolves with the units that were not begun or not settled; rejects with the
   * first error of a visit.
   */
  readonly done: Promise<readonly T[]>;
};

/**
 * Visits units in order, `concurrency` at a time. Once `stop` is aborted or a visit threw nothing more is begun; what is
 * under way is waited for. Throws RangeError unless `concurrency` is at least 1.
 */
export function openQueue<T>(options: {
  readonly concurrency: number;
  readonly stop: AbortSignal;
  readonly visit: (unit: T) => Promise<Visit>;
}): Queue<T> {
  const { concurrency, stop, visit } = options;
  if (!(concurrency >= 1)) throw new RangeError(`concurrency ${concurrency} must be at least 1`);
  const ready: T[] = [];
  const waiting = new Map<ReturnType<typeof setTimeout>, T>();
  const left: T[] = [];
  const errors: unknown[] = [];
  const end = Promise.withResolvers<readonly T[]>();
  let [running, first, closed, ended] = [0, 0, false, false];

  const next = () => {
    const stopped = stop.aborted || errors.length > 0;
    while (!stopped && running < concurrency && first < ready.length)
      for (const unit of ready.slice(first, ++first)) begin(unit);
    if (running > 0 || !closed) return;
    if (stopped || (first === ready.length && waiting.size === 0)) finish();
  };
  const begin = (unit: T) => {
    running++;
    visit(unit).then(
      (came) => settle(unit, came),
      (error) => {
        errors.push(error);
        settle(unit, "settled");
      },
    );
  };
  const settle = (unit: T, came: Visit) => {
    running--;
    if (came === "left") left.push(unit);
    else if (came !== "settled") {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        ready.push(unit);
        next();
      }, came.later_ms);
      waiting.set(timer, unit);
    }
    next();
  };
  const finish = () => {
    ended = true;
    stop.removeEventListener("abort", next);
    for (const timer of waiting.keys()) clearTimeout(timer);
    if (errors.length > 0) end.reject(errors[0]);
    else end.resolve([...left, ...waiting.values(), ...ready.slice(first)]);
  };
  stop.addEventListener("abort", next, { once: true });
  return {
    push(unit) {
      if (ended) return;
      ready.push(unit);
      next();
    },
    close() {
      closed = true;
      next();
    },
    done: end.promise,
  };
}
