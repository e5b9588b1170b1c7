// Owns the order of pairs and the seeded choice among them: the published recipe, and strata.

import { UsageError } from "../core/fault.ts";
import { type PairId, sortedFeatures } from "../core/keys.ts";
import { sum, sumOf } from "../core/lists.ts";
import { CPythonRandom } from "./random.ts";

export type SampleOptions<P extends PairId> = {
  /** Every pair once, in any order. */
  readonly pairs: readonly P[];
  /** How many pairs to choose. */
  readonly size: number;
  /** A whole number; the same seed gives the same pairs on every machine. */
  readonly seed: number | bigint;
  /** The stratum of a pair; without it there are no strata. */
  readonly stratumOf?: ((pair: P) => string) | undefined;
};

/**
 * Pairs in the order of the published recipe: repository folders as text, task folders as text
 * (`task25` < `task290` < `task68`), then the sorted feature numbers, compared number by number.
 */
export function recipeOrder<P extends PairId>(pairs: readonly P[]): P[] {
  return pairs
    .map((pair) => ({
      pair,
      folder: `task${pair.task_id}`,
      features: sortedFeatures(pair.features),
    }))
    .sort(
      (a, b) =>
        compareText(a.pair.repo, b.pair.repo) ||
        compareText(a.folder, b.folder) ||
        compareFeatures(a.features, b.features),
    )
    .map(({ pair }) => pair);
}

/**
 * Chooses `size` pairs. Without strata this is the published recipe bit for bit:
 * `random.Random(seed).sample(pairs in recipe order, size)`, in the order drawn. With strata each one
 * gets its seats ({@link allocate}) and one generator, seeded once, samples the strata in sorted order.
 * Throws UsageError when the size or the seed is impossible.
 */
export function samplePairs<P extends PairId>({
  pairs,
  size,
  seed,
  stratumOf,
}: SampleOptions<P>): P[] {
  if (!Number.isInteger(size) || size < 1 || size > pairs.length)
    throw new UsageError(
      `cannot sample ${size} of ${pairs.length} pairs: the size must be a whole number from 1 to the number of pairs`,
    );
  const random = new CPythonRandom(seed);
  const ordered = recipeOrder(pairs);
  if (!stratumOf) return random.sample(ordered, size);
  const strata = Map.groupBy(ordered, stratumOf);
  const seats = allocate(
    new Map([...strata].map(([name, members]) => [name, members.length])),
    size,
  );
  return [...seats].flatMap(([name, count]) => random.sample(strata.get(name) ?? [], count));
}

/**
 * Seats in proportion to the sizes of the strata, by largest remainder (Hamilton's method; ties go to
 * the first in text order). When there are seats enough, a stratum without one takes it from the
 * stratum that is furthest above its exact share. Integer arithmetic, so no rounding decides.
 * `sizes` are positive and sum to at least `seats`; the result is in text order and sums to `seats`.
 */
export function allocate(sizes: ReadonlyMap<string, number>, seats: number): Map<string, number> {
  const total = sum([...sizes.values()]);
  const shares = [...sizes]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, size]) => ({
      name,
      exact: size * seats,
      count: Math.floor((size * seats) / total),
    }));
  const above = (share: { count: number; exact: number }) => share.count * total - share.exact;
  const lowestFirst = () => shares.toSorted((a, b) => above(a) - above(b));

  const left = seats - sumOf(shares, (share) => share.count);
  for (const share of lowestFirst().slice(0, left)) share.count++;
  const enough = seats >= shares.length;
  for (const poor of enough ? shares.filter((share) => share.count === 0) : []) {
    const donor = lowestFirst().findLast((share) => share.count > 1);
    if (!donor)
      throw new RangeError(`${seats} seats cannot leave ${shares.length} strata without a donor`);
    donor.count--;
    poor.count++;
  }
  return new Map(shares.map(({ name, count }) => [name, count]));
}

/** All pairs of one task: every two of its features, in recipe order. */
export function pairsOfTask(task: {
  readonly repo: string;
  readonly task_id: number;
  readonly feature_ids: readonly number[];
}): PairId[] {
  const { repo, task_id } = task;
  const sorted = sortedFeatures(task.feature_ids);
  return sorted.flatMap((first, index) =>
    sorted.slice(index + 1).map((second) => ({ repo, task_id, features: [first, second] })),
  );
}

/** By code units, never by locale: -1, 0 or 1. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Number by number; a list that is the beginning of the other comes first. Negative, 0 or positive. */
export function compareFeatures(a: readonly number[], b: readonly number[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    if (left !== right) return left - right;
  }
  return a.length - b.length;
}
