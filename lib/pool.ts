// Owns running many units at once, a bounded number at a time.

/** Runs `work` on every item, `concurrency` at a time, in order of start; stops starting once the signal is aborted. */
export async function eachOf<T>(
  items: readonly T[],
  options: { readonly concurrency: number; readonly signal?: AbortSignal },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      if (options.signal?.aborted) return;
      await work(item);
    }
  };
  const workers = Math.max(1, Math.min(options.concurrency, items.length));
  await Promise.all(Array.from({ length: workers }, worker));
}
