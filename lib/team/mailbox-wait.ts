// Owns waiting in a mailbox: bells that wake, deadlines and aborts that end, and no ring missed in between.
import type { Awakening } from "./mailbox.ts";

/** Wakes all who listen; who begins to listen later hears the next ring. */
export class Bell {
  private next = Promise.withResolvers<void>();

  ring(): void {
    this.next.resolve();
    this.next = Promise.withResolvers<void>();
  }

  /** Ends at the next ring from now on. */
  get rung(): Promise<void> {
    return this.next.promise;
  }
}

type Waiting = {
  readonly timeout_ms: number;
  /** Looks again after so long without a ring: not everyone who writes rings. */
  readonly poll_ms: number;
  readonly signal?: AbortSignal | undefined;
};

/** Asks `state` at once and after each ring until it reports how the wait ends. Throws the signal's reason on abort. */
export async function waitFor(
  bell: Bell,
  state: () => Promise<Awakening | undefined>,
  { timeout_ms, poll_ms, signal }: Waiting,
): Promise<Awakening> {
  const deadline = performance.now() + timeout_ms;
  for (;;) {
    signal?.throwIfAborted();
    // Before the question: what rings during the answer must not be missed.
    const { rung } = bell;
    const now = await state();
    if (now !== undefined) return now;
    const left = deadline - performance.now();
    if (left <= 0) return "timeout";
    await atMost(rung, Math.min(left, poll_ms), signal);
  }
}

/** What a mailbox reports to a waiting agent. */
export function awakening(given: {
  readonly unread: boolean;
  readonly partners: readonly string[];
  readonly finished: ReadonlySet<string>;
}): Awakening | undefined {
  if (given.unread) return "message";
  return given.partners.every((id) => given.finished.has(id)) ? "partner finished" : undefined;
}

/** Ends with the promise or after this many milliseconds, whichever is first. Throws the signal's reason on abort. */
export async function atMost(
  promise: Promise<unknown>,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  const leave = () => over.reject(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  if (signal?.aborted) leave();
  try {
    await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}
