// Owns how many calls a provider gets at a time: lowered when it says it is too many, raised slowly.
import type { Clock } from "./retry.ts";

/** The right to have one call under way; disposing of it lets the next one in. */
export type Slot = Disposable & {
  readonly succeeded: () => void;
  /** The provider refused for its load. Nobody is let in before `hold_ms` are over. */
  readonly refused: (hold_ms: number) => void;
};

export type ThrottleOptions = {
  /** The most calls at a time, at least 1. */
  readonly concurrency: number;
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly on_limit?: (limit: number) => void;
};

/** So many successes in a row, or one full window when that is more, raise the limit by one. */
const RUN = 10;

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989) between 1 and `concurrency`. A refusal halves the
 * limit once a burst: calls that began before the last halving tell nothing new.
 */
export class Throttle {
  private readonly options: ThrottleOptions;
  private readonly queue = new Set<() => void>();
  private allowed: number;
  private running = 0;
  private burst = 0;
  private successes = 0;
  private held_until = 0;

  constructor(options: ThrottleOptions) {
    this.options = options;
    this.allowed = options.concurrency;
  }

  get limit(): number {
    return this.allowed;
  }

  get in_flight(): number {
    return this.running;
  }

  /** Waits for a turn, first come first served. Throws the signal's reason on abort. */
  async acquire(signal: AbortSignal): Promise<Slot> {
    const { clock } = this.options;
    for (;;) {
      const wait_ms = this.held_until - clock.now();
      if (wait_ms > 0) await clock.sleep(wait_ms, signal);
      await this.turn(signal);
      // The provider may have asked for a pause, or the caller given up, while this one stood in the queue.
      if (!signal.aborted && this.held_until <= clock.now()) return this.slot();
      this.leave();
      signal.throwIfAborted();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const enter = () => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    const giveUp = () => {
      this.queue.delete(enter);
      reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    this.queue.add(enter);
    this.letIn();
    return promise;
  }

  private letIn(): void {
    for (const enter of this.queue) {
      if (this.running >= this.allowed) return;
      this.queue.delete(enter);
      this.running++;
      enter();
    }
  }

  private leave(): void {
    this.running--;
    this.letIn();
  }

  private slot(): Slot {
    const began = this.burst;
    let left = false;
    return {
      succeeded: () => {
        if (began === this.burst) this.countSuccess();
      },
      refused: (hold_ms) => {
        this.held_until = Math.max(this.held_until, this.options.clock.now() + hold_ms);
        if (began !== this.burst) return;
        this.burst++;
        this.setLimit(Math.max(1, Math.floor(this.allowed / 2)));
      },
      [Symbol.dispose]: () => {
        if (!left) this.leave();
        left = true;
      },
    };
  }

  private countSuccess(): void {
    if (++this.successes < Math.max(RUN, this.allowed)) return;
    this.setLimit(Math.min(this.options.concurrency, this.allowed + 1));
    this.letIn();
  }

  private setLimit(wanted: number): void {
    this.successes = 0;
    if (wanted === this.allowed) return;
    this.allowed = wanted;
    this.options.on_limit?.(wanted);
  }
}
