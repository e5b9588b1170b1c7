// Owns the only way to claim "no difference": two one-sided tests inside a stated margin.
import { clusteredInterval, DIFFERENCE, type NoInterval, type Observation } from "./cluster.ts";

/** Five points. */
export const DEFAULT_MARGIN = 0.05;

export type Verdict = `equivalent within ±${string} points` | "different" | "not shown either way";
/**
 * `low` and `high` are the 1 − 2·alpha interval that must lie inside ±margin; null, with the reason, where there is
 * none. `smallest_margin` is the one above which equivalence would be shown. `different`: the 1 − alpha interval leaves
 * out 0. Both can hold (a difference that is real and small): the verdict then is equivalence, and this says the rest.
 */
export type Equivalence = {
  readonly verdict: Verdict;
  readonly margin: number;
  readonly alpha: number;
  readonly equivalent: boolean | null;
  readonly different: boolean | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly smallest_margin: number | null;
  readonly reason: NoInterval | null;
};

/**
 * TOST on the mean difference with the clustered standard error and t with C−1 degrees of freedom: both one-sided tests
 * at `alpha` (default .05) reject when the 1 − 2·alpha interval lies inside ±`margin` (a proportion, default .05).
 * Where no interval can be had the verdict is "not shown either way", also when no pair differs at all.
 * Sources: Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657; Lakens 2017, Soc. Psychol. Personal. Sci. 8:355.
 * Throws RangeError unless 0 < margin < 1 and 0 < alpha < .5.
 */
export async function equivalence(
  differences: readonly Observation[],
  options: { readonly margin?: number; readonly alpha?: number } = {},
): Promise<Equivalence> {
  const { margin = DEFAULT_MARGIN, alpha = 0.05 } = options;
  if (!(margin > 0 && margin < 1))
    throw new RangeError(`margin ${margin} must be between 0 and 1 (.05 is five points)`);
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`alpha ${alpha} must be between 0 and .5`);
  const inner = await clusteredInterval(differences, { range: DIFFERENCE, level: 1 - 2 * alpha });
  const outer = await clusteredInterval(differences, { range: DIFFERENCE, level: 1 - alpha });
  const { low, high, reason } = inner;
  const equivalent = low === null ? null : low > -margin && high < margin;
  const different = outer.low === null ? null : outer.low > 0 || outer.high < 0;
  return {
    verdict: verdictOf({ equivalent, different, margin }),
    margin,
    alpha,
    equivalent,
    different,
    low,
    high,
    smallest_margin: low === null ? null : Math.max(Math.abs(low), Math.abs(high)),
    reason,
  };
}

function verdictOf(found: {
  readonly equivalent: boolean | null;
  readonly different: boolean | null;
  readonly margin: number;
}): Verdict {
  // .07 · 100 is 7.000000000000001.
  if (found.equivalent)
    return `equivalent within ±${Number((found.margin * 100).toFixed(6))} points`;
  return found.different ? "different" : "not shown either way";
}
