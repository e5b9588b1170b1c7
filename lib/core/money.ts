// Owns money as text, and sums with unknown parts: what is known of them, and how many parts are not.

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

/** US dollars without their sign: `12.30`, and `0.0123` below ten cents. */
export function amountText(usd: number): string {
  return usd !== 0 && Math.abs(usd) < 0.095 ? usd.toFixed(4) : usd.toFixed(2);
}

/** US dollars: `$12.30`, `$0.0123`. */
export function usdText(usd: number): string {
  return `$${amountText(usd)}`;
}

/** US dollars where there is little room: `$0.41`, `$1234`. */
export function shortUsdText(usd: number): string {
  return `$${usd.toFixed(usd < 1000 ? 2 : 0)}`;
}

/** `≥` before what `write` makes of a sum that is not whole; of one of which nothing is known, what it makes of null. */
export function sumText(sum: Sum, write: (known: number | null) => string): string {
  const nothing = sum.known === null || (sum.known === 0 && sum.unknown > 0);
  if (nothing) return write(sum.unknown > 0 ? null : sum.known);
  return `${sum.unknown > 0 ? "≥" : ""}${write(sum.known)}`;
}
