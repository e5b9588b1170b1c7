// Owns an agent's time: one timer for all its waits, gone when the agent is.

/** Timers take a signed 32-bit number of milliseconds, about 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type Deadline = Disposable & {
  /** Aborted when the time is over, or the run is stopped (then with the run's reason). */
  readonly signal: AbortSignal;
  /** Milliseconds; below zero when the time is over. */
  leftMs(): number;
  /** Whether this was thrown because the time is over. */
  ended(error: unknown): boolean;
};

/** The time of an agent that may work for so many milliseconds from now. */
export function startDeadline(max_wall_ms: number, run: AbortSignal): Deadline {
  const ends = performance.now() + max_wall_ms;
  const leftMs = () => ends - performance.now();
  const over = new AbortController();
  const end = () => over.abort(new DOMException("the agent's time is over", "TimeoutError"));
  const timer = setTimeout(end, Math.min(LONGEST_TIMER_MS, Math.max(0, max_wall_ms)));
  return {
    signal: AbortSignal.any([run, over.signal]),
    leftMs,
    ended: (error) => over.signal.aborted && error === over.signal.reason,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
