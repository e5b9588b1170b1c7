// Owns doing at once what is asked for within a moment, where many cost little more than one.

const MOMENT_MS = 20;

/** Calls `work` with everything asked for within a moment; each asker waits for the batch it is in. */
export function openBatch<T>(
  work: (items: readonly T[]) => Promise<void>,
): (item: T) => Promise<void> {
  let open: { readonly items: T[]; readonly done: Promise<void> } | undefined;
  return (item) => {
    if (open === undefined) {
      const items: T[] = [];
      const done = Bun.sleep(MOMENT_MS).then(() => {
        open = undefined;
        return work(items);
      });
      open = { items, done };
    }
    open.items.push(item);
    return open.done;
  };
}
