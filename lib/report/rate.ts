// Owns the one definition of "pass rate" and of "conflict rate", with Wilson's interval: every table and page uses them.
import { normalQuantile } from "../core/normal.ts";

/** One attempted pair. `passed` is null until it is evaluated; `fault` means the laboratory broke. */
export type RateRow = { readonly passed: boolean | null; readonly fault: boolean };

/** Proportions are in [0, 1], and null where nothing was counted. */
export type PassRate = {
  readonly passed: number;
  /** The denominator: evaluated pairs without a fault. Conflict, empty, limit and timeout are in it. */
  readonly attempted: number;
  /** Pairs that met a fault: outside the rate, in the two bounds. */
  readonly faults: number;
  /** Pairs not evaluated yet: outside the rate and outside the bounds. */
  readonly pending: number;
  readonly rate: number | null;
  readonly wilson_low: number | null;
  readonly wilson_high: number | null;
  readonly rate_if_faults_fail: number | null;
  readonly rate_if_faults_pass: number | null;
};

/** Bounds of a proportion in [0, 1]; both null when there are no observations. */
export type Interval =
  | { readonly low: number; readonly high: number }
  | { readonly low: null; readonly high: null };

/**
 * Passed pairs over all attempted pairs without a fault, its 95 % Wilson interval, and the rate if
 * every fault had failed and if every fault had passed. A row with a fault is never scored, whatever
 * its `passed` says.
 */
export function passRate(rows: readonly RateRow[]): PassRate {
  const sound = rows.filter((row) => !row.fault);
  const scored = sound.filter((row) => row.passed !== null);
  const faults = rows.length - sound.length;
  const attempted = scored.length;
  const passed = scored.filter((row) => row.passed).length;
  const interval = wilson(passed, attempted);
  return {
    passed,
    attempted,
    faults,
    pending: sound.length - attempted,
    rate: ratio(passed, attempted),
    wilson_low: interval.low,
    wilson_high: interval.high,
    rate_if_faults_fail: ratio(passed, attempted + faults),
    rate_if_faults_pass: ratio(passed + faults, attempted + faults),
  };
}

/** Proportions are in [0, 1], and null where no merge could conflict. */
export type ConflictRate = {
  readonly conflicts: number;
  /** The denominator: merges that are clean or conflict. */
  readonly merged: number;
  readonly rate: number | null;
  readonly low: number | null;
  readonly high: number | null;
};

/**
 * Naive conflicts over the attempts whose patches all apply and are not empty, with the 95 % Wilson interval; by the
 * statuses of their naive merges. An empty patch, one that does not apply, and a merge that was not made are outside of it.
 */
export function conflictRate(statuses: readonly (string | null)[]): ConflictRate {
  const conflicts = statuses.filter((status) => status === "conflicts").length;
  const merged = conflicts + statuses.filter((status) => status === "clean").length;
  return { conflicts, merged, rate: ratio(conflicts, merged), ...wilson(conflicts, merged) };
}

/**
 * Wilson's score interval of `successes` in `n`, two-sided, without continuity correction.
 * Source: Wilson 1927, J. Am. Stat. Assoc. 22:209. Throws RangeError unless 0 ≤ successes ≤ n are
 * whole numbers and 0 < level < 1.
 */
export function wilson(successes: number, n: number, level = 0.95): Interval {
  if (!Number.isInteger(successes) || !Number.isInteger(n) || successes < 0 || successes > n)
    throw new RangeError(`wilson(${successes}, ${n}): successes must be whole and from 0 to n`);
  if (!(level > 0 && level < 1)) throw new RangeError(`level ${level} must be between 0 and 1`);
  if (n === 0) return { low: null, high: null };
  const z = normalQuantile((1 + level) / 2);
  const share = successes / n;
  const scale = 1 + z ** 2 / n;
  const centre = (share + z ** 2 / (2 * n)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))) / scale;
  // At the two ends the bound is exactly 0 or 1, which rounding would miss by a hair.
  return { low: successes === 0 ? 0 : centre - half, high: successes === n ? 1 : centre + half };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
