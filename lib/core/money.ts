// Owns sums with parts that nobody knows: what is known of them, how many parts are not, and the sign before them.

/** What is known of a sum, null where no part is; and how many parts are not known, which are not in it. */
export type Sum = { readonly known: number | null; readonly unknown: number };

/** Adds what is known. A null part is not known, and one of several parts tells how many of them are not. */
export function addUp(parts: Iterable<number | null | Sum>): Sum {
  let [known, unknown, found, any] = [0, 0, false, false];
  for (const part of parts) {
    any = true;
    const sum = typeof part === "object" && part !== null ? part : asSum(part);
    unknown += sum.unknown;
    if (sum.known === null) continue;
    known += sum.known;
    found = true;
  }
  return { known: found || !any ? known : null, unknown };
}

function asSum(part: number | null): Sum {
  return { known: part, unknown: part === null ? 1 : 0 };
}

/** `≥` before what `write` makes of a sum that is not whole; of one of which nothing is known, what it makes of null. */
export function sumText(sum: Sum, write: (known: number | null) => string): string {
  const nothing = sum.known === null || (sum.known === 0 && sum.unknown > 0);
  if (nothing) return write(sum.unknown > 0 ? null : sum.known);
  return `${sum.unknown > 0 ? "≥" : ""}${write(sum.known)}`;
}
