// Owns the strata of a stratified sample: by repository, by difficulty, by conflict of the gold patches.

import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { pairKey } from "../core/keys.ts";
import { sum } from "../core/lists.ts";
import { withGold } from "./gold.ts";

export type Trait = "repo" | "difficulty" | "conflict";
export type StrataOptions = {
  readonly ledger: Ledger;
  readonly pairs: readonly PairRow[];
  /** Hash of the edition that they are of; the current one when absent. */
  readonly edition?: string | undefined;
  readonly signal: AbortSignal;
};

const BUCKETS = 10;

/** The stratum of each pair. Throws UsageError when the trait is not known for some pair. */
export async function strataOf(
  trait: Trait,
  options: StrataOptions,
): Promise<(pair: PairRow) => string> {
  if (trait === "repo") return (pair) => pair.repo;
  return trait === "conflict" ? await goldStrata(options) : difficultyStrata(options);
}

async function goldStrata(options: StrataOptions): Promise<(pair: PairRow) => string> {
  const pairs = await withGold({ ...options, concurrency: navigator.hardwareConcurrency });
  const status = new Map(pairs.map((pair) => [pair.pair_key, pair.gold_naive]));
  return (pair) => status.get(pair.pair_key) ?? "unknown";
}

/**
 * Difficulty d = 1 − the mean over solo runs of the share of attempts that passed, in ten equal buckets.
 * Source: CooperBench paper (arXiv 2601.13295 v2), appendix C; not rescaled, so that a bucket means the same everywhere.
 */
function difficultyStrata({ ledger, pairs }: StrataOptions): (pair: PairRow) => string {
  const solo = ledger.outcomes
    .rows("union")
    .filter((row) => row.setting === "solo" && row.passed !== null);
  const byPair = Map.groupBy(solo, (row) =>
    pairKey({ ...row, features: row.features.split(",").map(Number) }),
  );
  const without = pairs.filter((pair) => !byPair.has(pair.pair_key));
  if (without.length > 0)
    throw new UsageError(
      `--stratify difficulty needs a solo verdict for every pair, and ${without.length} of ${pairs.length} have none (${without[0]?.pair_key}): run and evaluate them with --setting solo`,
    );
  return (pair) => {
    const runs = [...Map.groupBy(byPair.get(pair.pair_key) ?? [], (row) => row.run).values()];
    const rates = runs.map((rows) => rows.filter((row) => row.passed).length / rows.length);
    const difficulty = 1 - sum(rates) / rates.length;
    return `d${Math.min(BUCKETS - 1, Math.floor(difficulty * BUCKETS))}`;
  };
}
