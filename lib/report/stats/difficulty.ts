// Owns how hard a pair is: difficulty from solo success, rescaled, and the ten equal buckets of it.
import { sum } from "../../core/lists.ts";
import { checkFinite } from "./checks.ts";

export const BUCKETS = 10;
/** 1 − .8 is .19999999999999996, which belongs in the bucket that begins at .2. */
const ROUNDING = 1e-9;

/**
 * Difficulty of each pair in [0, 1] from its solo success rates, one per model of the panel (the same models for every
 * pair): d = 1 − mean, then (d − least)/(most − least). Where all pairs are equally hard there is no scale, and d stays
 * as it is. Source: CooperBench, arXiv 2601.13295, appendix C. Throws RangeError for a pair without rates, for panels
 * of unequal size, and for rates outside [0, 1].
 */
export function difficulties(solo: ReadonlyMap<string, readonly number[]>): Map<string, number> {
  const panel = solo.values().next().value?.length ?? 0;
  const raw = [...solo].map(([pair, rates]) => {
    checkRates(pair, rates, panel);
    return { pair, hard: 1 - sum(rates) / panel };
  });
  const least = raw.reduce((low, { hard }) => Math.min(low, hard), 1);
  const most = raw.reduce((high, { hard }) => Math.max(high, hard), 0);
  const width = most - least;
  const rescale = (hard: number) => (width < ROUNDING ? hard : (hard - least) / width);
  return new Map(raw.map(({ pair, hard }) => [pair, rescale(hard)]));
}

/** The bucket, 0 … 9, of a difficulty: equal widths, lower end included, 1 in the last. Throws RangeError outside [0, 1]. */
export function bucketOf(difficulty: number): number {
  if (!(difficulty >= 0 && difficulty <= 1))
    throw new RangeError(`difficulty ${difficulty} must be from 0 to 1`);
  return Math.min(BUCKETS - 1, Math.floor(difficulty * BUCKETS + ROUNDING));
}

/** The middle of a bucket on the difficulty axis: .05, .15, … .95. */
export function midpointOf(bucket: number): number {
  return (2 * bucket + 1) / (2 * BUCKETS);
}

function checkRates(pair: string, rates: readonly number[], panel: number): void {
  checkFinite(`solo rate of ${pair}`, rates);
  if (rates.length !== panel || panel === 0)
    throw new RangeError(
      `pair ${pair} has ${rates.length} solo rates, not ${panel || "one or more"}`,
    );
  const bad = rates.find((rate) => rate < 0 || rate > 1);
  if (bad !== undefined) throw new RangeError(`solo rate ${bad} of ${pair} must be from 0 to 1`);
}
