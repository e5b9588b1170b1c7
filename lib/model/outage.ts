// Owns how long a provider has been out: from the first failure after the last answer that anybody got.

/** After this long without a failure there were no requests, and nothing is known of the time between. */
const STALE_MS = 15 * 60_000;

/** Milliseconds of the clock that is given. */
export class Outage {
  private began: number | undefined;
  private seen = 0;

  /** When the outage began that this failure is part of; `until` is when it will be tried again at the latest. */
  failed(now: number, until: number): number {
    if (this.began === undefined || now - this.seen > STALE_MS) this.began = now;
    this.seen = Math.max(this.seen, until);
    return this.began;
  }

  answered(): void {
    this.began = undefined;
  }
}
