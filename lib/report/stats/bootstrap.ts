// Owns the cluster bootstrap: whole clusters are drawn again and again, and the mean's spread is read off.
import { CPythonRandom } from "../../dataset/random.ts";
import { checkCount, checkLevel } from "./checks.ts";
import type { ClusterSums, NoInterval, Observation } from "./cluster.ts";
import { type Bounds, clusteredMean, clusterSums, missing, noBounds } from "./cluster.ts";
import { sortedQuantile } from "./quartiles.ts";

export const BOOTSTRAP_DRAWS = 10_000;
/** Fixed, so that the same rows give the same numbers on every machine. */
export const SEED = 2601;

export type BootstrapOptions = {
  readonly level?: number;
  readonly draws?: number;
  readonly seed?: number;
};
export type BootstrapInterval = {
  readonly level: number;
  readonly draws: number;
  readonly seed: number;
  readonly clusters: number;
  readonly method: "percentile";
} & Bounds;

/**
 * The percentile interval of the mean when clusters are drawn with replacement, as many as there are. With the
 * differences of two arms as values it is the paired bootstrap: both arms of a cluster stay together. Bounds are type-7
 * quantiles of the draws; null, with the reason, where {@link clusteredMean} knows no error. Random numbers are
 * CPython's for `seed`, one `randrange(clusters)` per drawn cluster, clusters in the order of their names. With few
 * clusters it is narrower than the t interval, by about √((C−1)/C) and t against normal: prefer that one then. Source:
 * Efron and Tibshirani 1993, chapter 13; clusters: Field and Welsh 2007, J. R. Stat. Soc. B 69:369. Throws RangeError
 * unless 0 < level < 1, draws ≥ 1, seed is whole and 0 or more, and values are finite.
 */
export function clusterBootstrap(
  observations: readonly Observation[],
  options: BootstrapOptions = {},
): BootstrapInterval {
  const { level = 0.95, draws = BOOTSTRAP_DRAWS, seed = SEED } = options;
  checkLevel(level);
  checkCount("draws", draws, 1);
  checkCount("seed", seed, 0);
  const clusters = clusterSums(observations);
  const reason: NoInterval | null = missing(clusteredMean(observations));
  const about = {
    level,
    draws,
    seed,
    clusters: clusters.sums.length,
    method: "percentile",
  } as const;
  if (reason !== null) return { ...about, ...noBounds(reason) };
  const means = drawnMeans(clusters, draws, seed).sort();
  const low = sortedQuantile(means, (1 - level) / 2);
  const high = sortedQuantile(means, (1 + level) / 2);
  return { ...about, low, high, reason: null };
}

/** Sums and sizes are known by cluster, so a draw costs one addition per cluster, not one per pair. */
function drawnMeans({ sums, sizes }: ClusterSums, draws: number, seed: number): Float64Array {
  const random = new CPythonRandom(seed);
  const count = sums.length;
  return Float64Array.from({ length: draws }, () => {
    let sum = 0;
    let size = 0;
    for (let drawn = 0; drawn < count; drawn++) {
      const cluster = random.randbelow(count);
      sum += sums[cluster] ?? 0;
      size += sizes[cluster] ?? 0;
    }
    return sum / size;
  });
}
