// Owns what is done to lists everywhere: sums, and lists in pieces.

/** The sum; 0 of nothing. */
export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** The sum of one number an item; 0 of nothing. */
export function sumOf<T>(items: Iterable<T>, of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}

/** The sum, or null as soon as one part is not known; 0 of nothing. */
export function wholeSum(parts: Iterable<number | null>): number | null {
  let total = 0;
  for (const part of parts) {
    if (part === null) return null;
    total += part;
  }
  return total;
}

/** The items in order, in lists of `size` of which the last may be shorter; none of no items. Throws RangeError below 1. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  if (!(size >= 1)) throw new RangeError(`chunks of ${size} items: at least 1 is needed`);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
