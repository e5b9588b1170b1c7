// Owns working on many things at once: a bounded pool, and batches where one bad item does not fail the rest.

import { asFault, Fault } from "../core/fault.ts";
import { chunks } from "../core/lists.ts";
import { eachOf } from "../core/pool.ts";

/** Runs `work` on every item, at most `concurrency` at a time; a throw becomes that item's Fault. */
export async function pooled<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<R>,
): Promise<(R | Fault)[]> {
  const results = new Map<number, R | Fault>();
  const lanes = { concurrency: Math.max(1, concurrency) };
  await eachOf([...items.entries()], lanes, async ([index, item]) => {
    results.set(index, await work(item).catch((error: unknown) => asFault(error)));
  });
  return items.map((_, index) => results.get(index) ?? asFault(new Error("work left undone")));
}

/**
 * Runs `work` on all items in one go (one process for many merges). When that breaks, halves are tried
 * again, down to the single item that breaks, which gets the Fault. `signal` stops the halving.
 */
export async function batched<T, R>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<readonly R[]>,
  signal?: AbortSignal,
): Promise<(R | Fault)[]> {
  if (items.length === 0) return [];
  try {
    return [...(await work(items))];
  } catch (error) {
    if (items.length === 1 || signal?.aborted) return items.map(() => asFault(error));
    const middle = Math.ceil(items.length / 2);
    const left = await batched(items.slice(0, middle), work, signal);
    return [...left, ...(await batched(items.slice(middle), work, signal))];
  }
}

/** {@link batched} in `concurrency` slices side by side. */
export async function slicedBatch<T, R>(
  items: readonly T[],
  options: { readonly concurrency: number; readonly signal?: AbortSignal | undefined },
  work: (items: readonly T[]) => Promise<readonly R[]>,
): Promise<(R | Fault)[]> {
  const size = Math.max(1, Math.ceil(items.length / Math.max(1, options.concurrency)));
  const slices = chunks(items, size);
  const done = await Promise.all(slices.map((slice) => batched(slice, work, options.signal)));
  return done.flat();
}

/** The value, or its Fault thrown. */
export function unwrapped<R>(result: R | Fault | undefined, what: string): R {
  if (result instanceof Fault) throw result;
  if (result === undefined) throw asFault(new Error(`${what} is missing`));
  return result;
}
