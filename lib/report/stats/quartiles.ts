// Owns medians and quartiles: how cost, tokens, steps and time are summed up.
import { wholeSum } from "../../core/lists.ts";
import { checkFinite } from "./checks.ts";

/** `n` known values, `unknown` nulls (an unknown price is not 0); the quartiles are null when none is known. */
export type Spread = {
  readonly n: number;
  readonly unknown: number;
  readonly q1: number | null;
  readonly median: number | null;
  readonly q3: number | null;
};

/**
 * The quantile `p` of values sorted upwards, linear between order statistics: at 1 + (n−1)·p from 1.
 * Source: Hyndman and Fan 1996, Am. Statistician 50:361, type 7 (the default of R and NumPy). Throws RangeError for
 * no values and unless 0 ≤ p ≤ 1.
 */
export function sortedQuantile(sorted: ArrayLike<number>, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`quantile ${p} must be from 0 to 1`);
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined)
    throw new RangeError("no values have no quantile");
  return below + (above - below) * (place - Math.floor(place));
}

/** Median and quartiles in the values' own unit, nulls left out and counted. Throws RangeError for NaN and infinities. */
export function spreadOf(values: readonly (number | null)[]): Spread {
  const known = values.filter((value) => value !== null);
  checkFinite("value", known);
  const sorted = Float64Array.from(known).sort();
  const at = (p: number) => (sorted.length === 0 ? null : sortedQuantile(sorted, p));
  return {
    n: sorted.length,
    unknown: values.length - sorted.length,
    q1: at(0.25),
    median: at(0.5),
    q3: at(0.75),
  };
}

/** The sum, or null for no parts and as soon as one is unknown: a pair costs what its agents cost together. */
export function knownSum(parts: readonly (number | null)[]): number | null {
  checkFinite(
    "value",
    parts.filter((part) => part !== null),
  );
  return parts.length === 0 ? null : wholeSum(parts);
}
