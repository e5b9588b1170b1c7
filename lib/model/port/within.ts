// Owns waiting for something only so long.
import type { Clock } from "../retry.ts";

type Limit = { readonly ms: number; readonly clock: Clock; readonly signal: AbortSignal };

/** What the promise gives; undefined when it takes longer, or at the signal. The promise itself goes on. */
export async function within<T>(
  promise: Promise<T>,
  { ms, clock, signal }: Limit,
): Promise<T | undefined> {
  const answered = new AbortController();
  const over = AbortSignal.any([signal, answered.signal]);
  try {
    return await Promise.race([promise, sleepUntil(over, { ms, clock })]);
  } finally {
    answered.abort();
  }
}

/** Ends after the time or at the signal: here the one is as good as the other. */
async function sleepUntil(
  over: AbortSignal,
  { ms, clock }: Omit<Limit, "signal">,
): Promise<undefined> {
  try {
    await clock.sleep(ms, over);
  } catch (error) {
    if (!over.aborted) throw error;
  }
  return undefined;
}
