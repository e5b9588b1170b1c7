// Owns counting time that may stand still, with a limit that strikes when enough of it has been counted.

/** Timers take a signed 32-bit number of milliseconds, about 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Stopwatch implements Disposable {
  private counted_ms = 0;
  private since: number | undefined;
  private ends_ms = Number.POSITIVE_INFINITY;
  private timer: Timer | undefined;
  private readonly now: () => number;
  private readonly onLimit: () => void;

  /** It runs from the start. `now` is in milliseconds; `onLimit` is called when the limit strikes. */
  constructor(now: () => number, onLimit: () => void) {
    this.now = now;
    this.onLimit = onLimit;
    this.run(true);
  }

  get elapsed_ms(): number {
    return this.counted_ms + (this.since === undefined ? 0 : this.now() - this.since);
  }

  /** Milliseconds; below zero when the limit is passed. */
  get left_ms(): number {
    return this.ends_ms - this.elapsed_ms;
  }

  get runs(): boolean {
    return this.since !== undefined;
  }

  /** Lets it run, or stand still. */
  run(on: boolean): void {
    if (on === this.runs) return;
    this.counted_ms = this.elapsed_ms;
    this.since = on ? this.now() : undefined;
    this.arm();
  }

  /** Counts what was not counted, or, below zero, takes back what should not have been. */
  add(ms: number): void {
    this.counted_ms += ms;
    this.arm();
  }

  /** It strikes after this many milliseconds more. */
  limit(ms: number): void {
    this.ends_ms = this.elapsed_ms + ms;
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.ends_ms === Number.POSITIVE_INFINITY) return;
    const strike = () => (this.left_ms > 0 ? this.arm() : this.onLimit());
    const left_ms = Math.ceil(Math.max(0, this.left_ms));
    if (this.runs || left_ms === 0)
      this.timer = setTimeout(strike, Math.min(LONGEST_TIMER_MS, left_ms));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.ends_ms = Number.POSITIVE_INFINITY;
  }
}
