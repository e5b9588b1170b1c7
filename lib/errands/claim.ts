// Owns numbers for errands that are no unit of the ledger: no two are the same, in this process or a later one.

let last = 0;

/** Milliseconds since 1970 where they have moved on since the last one. */
export function claimNumber(): number {
  last = Math.max(last + 1, Date.now());
  return last;
}
