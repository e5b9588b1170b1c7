// Owns clustered means: sums by cluster, the cluster-robust standard error, and the t interval from it.
import { sum, sumOf } from "../../core/lists.ts";
import { checkFinite, checkLevel } from "./checks.ts";
import { studentQuantile } from "./distributions.ts";

/** One value (a rate, a difference) and the name of its cluster: a task, or a repository. */
export type Observation = { readonly value: number; readonly cluster: string };
/** What a bound cannot pass: [0, 1] for a proportion, [−1, 1] for a difference of two. */
export type Range = readonly [least: number, most: number];
export const PROPORTION: Range = [0, 1];
export const DIFFERENCE: Range = [-1, 1];

/**
 * Why there is no clustered interval. "no spread": the clusters' sums do not vary about their mean (all pass, all
 * fail), so the data cannot tell an error; a width of 0 would claim certainty.
 */
export type NoInterval = "no observations" | "one cluster" | "no spread";
/** Bounds, or null with the reason. */
export type Bounds =
  | { readonly low: number; readonly high: number; readonly reason: null }
  | { readonly low: null; readonly high: null; readonly reason: NoInterval };

export type ClusterSums = { readonly sums: Float64Array; readonly sizes: Float64Array };
/** A mean and its clustered standard error; both null where they are not defined. */
export type ClusteredMean = {
  readonly n: number;
  readonly clusters: number;
  readonly mean: number | null;
  readonly standard_error: number | null;
};
export type ClusteredInterval = ClusteredMean & { readonly level: number } & Bounds;

/** Below this a standard error is rounding, not spread: the values are of order 1, in hundreds or thousands. */
const ROUNDING = 1e-12;

/** Sum and size of every cluster, in the order of their names, so that the order of rows has no effect. */
export function clusterSums(observations: readonly Observation[]): ClusterSums {
  checkFinite(
    "value",
    observations.map(({ value }) => value),
  );
  const groups = [...Map.groupBy(observations, ({ cluster }) => cluster)];
  groups.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    sums: Float64Array.from(groups, ([, own]) => sumOf(own, ({ value }) => value)),
    sizes: Float64Array.from(groups, ([, own]) => own.length),
  };
}

/**
 * The mean, with SE² = C/(C−1) · Σ_c (Σ_{i∈c}(s_i − s̄))² / n², for C clusters and n observations.
 * Source: Miller 2024, "Adding Error Bars to Evals", arXiv 2411.00640, with the correction C/(C−1) for few
 * clusters (Cameron and Miller 2015, J. Human Resources 50:317). Throws RangeError for values that are not finite.
 */
export function clusteredMean(observations: readonly Observation[]): ClusteredMean {
  const { sums, sizes } = clusterSums(observations);
  const n = observations.length;
  const clusters = sums.length;
  if (n === 0) return { n, clusters, mean: null, standard_error: null };
  const mean = sum(sums) / n;
  if (clusters === 1) return { n, clusters, mean, standard_error: null };
  const squares = sums.reduce((total, sum, c) => total + (sum - (sizes[c] ?? 0) * mean) ** 2, 0);
  const error = Math.sqrt((clusters / (clusters - 1)) * squares) / n;
  return { n, clusters, mean, standard_error: error < ROUNDING ? 0 : error };
}

/**
 * Mean ± t_{C−1} · SE, cut to `range`; null bounds, with the reason, for no observations, for one cluster, and where
 * the clusters do not vary. Source: as {@link clusteredMean}; t with C−1 degrees of freedom. Throws RangeError
 * unless 0 < level < 1 (default .95) and every value is finite.
 */
export async function clusteredInterval(
  observations: readonly Observation[],
  options: { readonly range: Range; readonly level?: number },
): Promise<ClusteredInterval> {
  const { range, level = 0.95 } = options;
  checkLevel(level);
  const about = clusteredMean(observations);
  const { mean, standard_error: error, clusters } = about;
  const reason = missing(about);
  if (reason !== null || mean === null || error === null)
    return { ...about, level, ...noBounds(reason ?? "no observations") };
  const half = (await studentQuantile((1 + level) / 2, clusters - 1)) * error;
  return { ...about, level, ...cut(mean - half, mean + half, range) };
}

/** Null when an interval can be had. */
export function missing(about: ClusteredMean): NoInterval | null {
  if (about.n === 0) return "no observations";
  if (about.clusters === 1) return "one cluster";
  return about.standard_error === 0 ? "no spread" : null;
}

export function noBounds(reason: NoInterval): Bounds {
  return { low: null, high: null, reason };
}

function cut(low: number, high: number, [least, most]: Range): Bounds {
  return { low: Math.max(least, low), high: Math.min(most, high), reason: null };
}
