// Owns running many units at once, a bounded number at a time.

/**
 * Runs `work` on every item, `concurrency` at a time, in order of start. Stops starting once the signal is aborted
 * or a piece of work threw; what is in flight is waited for, then the first error is thrown.
 * Throws RangeError unless `concurrency` is at least 1.
 */
export async function eachOf<T>(
  items: readonly T[],
  options: { readonly concurrency: number; readonly signal?: AbortSignal },
  work: (item: T) => Promise<void>,
): Promise<void> {
  if (!(options.concurrency >= 1))
    throw new RangeError(`concurrency ${options.concurrency} must be at least 1`);
  const queue = items.values();
  const errors: unknown[] = [];
  const worker = async () => {
    for (const item of queue) {
      if (options.signal?.aborted || errors.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  const workers = Math.min(options.concurrency, items.length);
  await Promise.all(Array.from({ length: workers }, worker));
  if (errors.length > 0) throw errors[0];
}

/** Lets a piece of work run when it is its turn. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets at most `width` pieces of work run at once, one at least; the others wait their turn. */
export function openGate(width: number): Gate {
  let free = Math.max(1, width);
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
