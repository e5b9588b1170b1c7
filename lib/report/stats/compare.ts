// Owns the statistics of one arm, and of two arms on the same pairs.
import { sum } from "../../core/lists.ts";
import { type PassRate, passRate } from "../rate.ts";
import { type BootstrapInterval, type BootstrapOptions, clusterBootstrap } from "./bootstrap.ts";
import { type ClusteredInterval, clusteredInterval, DIFFERENCE, PROPORTION } from "./cluster.ts";
import { type Equivalence, equivalence } from "./equivalence.ts";
import { type McNemar, mcnemar } from "./mcnemar.ts";
import { type PairTries, pairTries, type TryRow } from "./pairs.ts";
import { type Repeats, repeatsOf } from "./repeats.ts";
import { type SignFlip, signFlip } from "./sign-flip.ts";

/**
 * One arm. The pass rate counts tries (one per pair, unless there are repeats); the clustered intervals are about the
 * mean over pairs of each pair's mean over its tries, which is the same number when all have equally many.
 */
export type ArmRates = PassRate & {
  /** Pairs with a scored try. */
  readonly pairs: number;
  readonly by_task: ClusteredInterval;
  readonly by_repo: ClusteredInterval;
  readonly repeats: readonly Repeats[];
};

/** Pass rate with bounds for faults and Wilson interval, clustered intervals, pass@k and pass^k. Throws as {@link pairTries}. */
export async function armRates(rows: readonly TryRow[]): Promise<ArmRates> {
  const scored = [...pairTries(rows).values()].filter(({ tries }) => tries > 0);
  const interval = (by: Clustering) =>
    clusteredInterval(
      scored.map((pair) => ({ value: pair.passed / pair.tries, cluster: pair[by] })),
      { range: PROPORTION },
    );
  return {
    ...passRate(rows),
    pairs: scored.length,
    by_task: await interval("task"),
    by_repo: await interval("repo"),
    repeats: repeatsOf(scored),
  };
}

/** The difference with its errors when one kind of cluster is treated as independent. */
export type ClusterView = {
  readonly interval: ClusteredInterval;
  readonly bootstrap: BootstrapInterval;
  readonly sign_flip: SignFlip;
};
/** Rates and difference are over `pairs` alone; all are proportions, and null without common pairs. */
export type ArmComparison = {
  /** Pairs with a scored try in both arms. */
  readonly pairs: number;
  /** Pairs of either arm that are not compared: `only_a` and `only_b` are scored in one, the rest in neither. */
  readonly dropped: number;
  readonly only_a: number;
  readonly only_b: number;
  readonly rate_a: number | null;
  readonly rate_b: number | null;
  /** rate_a − rate_b; the coordination gap when a is solo and b is coop. */
  readonly difference: number | null;
  readonly by_task: ClusterView;
  readonly by_repo: ClusterView;
  readonly mcnemar: McNemar;
  readonly equivalence: Equivalence;
};
/** `draws` are the bootstrap's; `seed` is for it and for drawn signs; `margin` is the equivalence test's, a proportion. */
export type CompareOptions = Pick<BootstrapOptions, "draws" | "seed"> & {
  readonly margin?: number;
};

type Difference = { readonly value: number; readonly task: string; readonly repo: string };
type Clustering = "task" | "repo";

/**
 * Two arms on the pairs that both have scored, each pair by its mean over tries. The order of the rows has no effect.
 * Throws RangeError for an invalid margin, for draws below 1, and where a pair's task or repository is not the same in
 * all its rows.
 */
export async function compareArms(
  rowsA: readonly TryRow[],
  rowsB: readonly TryRow[],
  options: CompareOptions = {},
): Promise<ArmComparison> {
  const { margin, ...bootstrap } = options;
  const all = pairTries([...rowsA, ...rowsB]);
  const [a, b] = [pairTries(rowsA), pairTries(rowsB)];
  const keys = [...all.keys()];
  const inA = keys.filter((key) => meanOf(a.get(key)) !== null);
  const inB = keys.filter((key) => meanOf(b.get(key)) !== null);
  const common = [...all].flatMap(([key, { task, repo }]) => {
    const [first, second] = [meanOf(a.get(key)), meanOf(b.get(key))];
    return first === null || second === null ? [] : [{ first, second, task, repo }];
  });
  const differences = common.map((pair) => ({ ...pair, value: pair.first - pair.second }));
  const byTask = await viewBy("task", differences, bootstrap);
  return {
    pairs: common.length,
    dropped: keys.length - common.length,
    only_a: inA.length - common.length,
    only_b: inB.length - common.length,
    rate_a: mean(common.map(({ first }) => first)),
    rate_b: mean(common.map(({ second }) => second)),
    difference: byTask.interval.mean,
    by_task: byTask,
    by_repo: await viewBy("repo", differences, bootstrap),
    mcnemar: await mcnemar(differences.map(({ value }) => value)),
    equivalence: await equivalence(
      clustered(differences, "task"),
      margin === undefined ? {} : { margin },
    ),
  };
}

async function viewBy(
  by: Clustering,
  differences: readonly Difference[],
  options: BootstrapOptions,
): Promise<ClusterView> {
  const own = clustered(differences, by);
  return {
    interval: await clusteredInterval(own, { range: DIFFERENCE }),
    bootstrap: clusterBootstrap(own, options),
    sign_flip: signFlip(own, options.seed === undefined ? {} : { seed: options.seed }),
  };
}

function clustered(differences: readonly Difference[], by: Clustering) {
  return differences.map((difference) => ({ value: difference.value, cluster: difference[by] }));
}

function meanOf(pair: PairTries | undefined): number | null {
  return pair === undefined || pair.tries === 0 ? null : pair.passed / pair.tries;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}
