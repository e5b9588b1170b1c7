// Owns one difficulty curve: pass rates by bucket, the area under them, and what coop retains of solo's.
import { wilson } from "../rate.ts";
import { checkCount } from "./checks.ts";
import { BUCKETS, bucketOf, midpointOf } from "./difficulty.ts";

/** Scored tries of one pair by one model, in one setting, at the pair's difficulty. */
export type Unit = {
  readonly difficulty: number;
  readonly tries: number;
  readonly passed: number;
};
/** A bucket with tries: k = `passed` of n = `tries`, with the 95 % Wilson interval. */
export type CurvePoint = {
  readonly bucket: number;
  readonly midpoint: number;
  readonly passed: number;
  readonly tries: number;
  readonly rate: number;
  readonly wilson_low: number | null;
  readonly wilson_high: number | null;
};

/** The non-empty buckets, easiest first; counts are summed over units (pairs, and models when pooled). */
export function curveOf(units: readonly Unit[]): CurvePoint[] {
  const passed = new Array<number>(BUCKETS).fill(0);
  const tries = new Array<number>(BUCKETS).fill(0);
  for (const unit of units) {
    checkCount("tries", unit.tries, 0);
    checkCount("passed", unit.passed, 0);
    const bucket = bucketOf(unit.difficulty);
    passed[bucket] = (passed[bucket] ?? 0) + unit.passed;
    tries[bucket] = (tries[bucket] ?? 0) + unit.tries;
  }
  return tries.flatMap((n, bucket) => (n === 0 ? [] : [pointOf(bucket, passed[bucket] ?? 0, n)]));
}

/**
 * The area under rates over bucket midpoints by the trapezoid rule, empty buckets skipped (the line runs across
 * them). Not divided by the width: .9 is the most, when the first and last bucket have tries. Null with fewer than two
 * points. Source: CooperBench, arXiv 2601.13295, appendix C.
 */
export function areaUnder(points: readonly Pick<CurvePoint, "midpoint" | "rate">[]): number | null {
  if (points.length < 2) return null;
  return points.slice(1).reduce((area, point, index) => {
    const before = points[index] ?? point;
    return area + ((before.rate + point.rate) / 2) * (point.midpoint - before.midpoint);
  }, 0);
}

/** AUC_coop / AUC_solo; null where either is unknown, and where solo's is 0. Source: as {@link areaUnder}. */
export function retention(areaSolo: number | null, areaCoop: number | null): number | null {
  for (const area of [areaSolo, areaCoop])
    if (area !== null && !(area >= 0 && area <= 1))
      throw new RangeError(`area ${area} must be from 0 to 1`);
  return areaSolo === null || areaCoop === null || areaSolo === 0 ? null : areaCoop / areaSolo;
}

function pointOf(bucket: number, passed: number, tries: number): CurvePoint {
  const { low, high } = wilson(passed, tries);
  const midpoint = midpointOf(bucket);
  return {
    bucket,
    midpoint,
    passed,
    tries,
    rate: passed / tries,
    wilson_low: low,
    wilson_high: high,
  };
}
