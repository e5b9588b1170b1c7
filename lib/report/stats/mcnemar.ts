// Owns the exact McNemar test, the reference that treats pairs as independent.
import { checkFinite } from "./checks.ts";
import { binomialCdf } from "./distributions.ts";

/** `b` pairs where the first arm did better, `c` where the second did; `p` is null without pairs. */
export type McNemar = { readonly b: number; readonly c: number; readonly p: number | null };

/**
 * Two-sided exact test from the differences of pairs (first arm minus second): p = min(1, 2·P(X ≤ min(b,c))) for X
 * binomial with b+c trials of chance ½, and 1 where no pair differs. With several tries per pair the differences are
 * those of means, and it is the exact sign test on them. Pairs of one task are not independent: p is too small where
 * they agree. Source: McNemar 1947, Psychometrika 12:153, in its exact binomial form. Throws RangeError for differences
 * that are not finite.
 */
export async function mcnemar(differences: readonly number[]): Promise<McNemar> {
  checkFinite("difference", differences);
  const b = differences.filter((difference) => difference > 0).length;
  const c = differences.filter((difference) => difference < 0).length;
  if (differences.length === 0) return { b, c, p: null };
  return { b, c, p: Math.min(1, 2 * (await binomialCdf(Math.min(b, c), b + c, 0.5))) };
}
