// Owns merging the gold patches of pairs: the ceiling that agents are measured against, kept with the pairs.
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { Fault } from "../fault.ts";
import { quickScratch } from "../files.ts";
import { taskKey } from "../keys.ts";
import { type MergeJob, mergeAttempts } from "../merge/merge.ts";

export type GoldOptions = {
  readonly ledger: Ledger;
  readonly pairs: readonly PairRow[];
  readonly concurrency: number;
  readonly signal: AbortSignal;
};

/** Merges the gold patches of those pairs that have no gold status yet, and returns all pairs with theirs. */
export async function withGold(options: GoldOptions): Promise<PairRow[]> {
  const { ledger, pairs, signal, concurrency } = options;
  const missing = pairs.filter(({ gold_naive }) => gold_naive === null);
  if (missing.length === 0) return [...pairs];
  await using folder = quickScratch("gold");
  const jobs = goldJobs(ledger, missing);
  const outcomes = await mergeAttempts(jobs, { scratch: folder.path, concurrency, signal });
  const found = outcomes.map((outcome) => {
    if ("fault" in outcome) throw outcome.fault;
    return { pair_key: outcome.id, naive: outcome.naive.status, union: outcome.union.status };
  });
  ledger.dataset.setGold(found);
  const byKey = new Map(found.map((row) => [row.pair_key, row]));
  return pairs.map((pair) => {
    const gold = byKey.get(pair.pair_key);
    return gold ? { ...pair, gold_naive: gold.naive, gold_union: gold.union } : pair;
  });
}

/** Jobs that merge the gold patches of pairs, on a base made from all gold patches of the task. */
export function goldJobs(ledger: Ledger, pairs: readonly PairRow[]): MergeJob[] {
  const tasks = new Map(ledger.dataset.tasks().map((task) => [taskKey(task), task.features]));
  const bytes = ledger.dataset.patchBytes(
    [...tasks.values()].flat().map(({ gold_patch }) => gold_patch),
  );
  const patchOf = (pair: PairRow, feature_id: number) => {
    const feature = tasks.get(taskKey(pair))?.find((row) => row.feature_id === feature_id);
    const patch = feature && bytes.get(feature.gold_patch);
    if (patch) return patch;
    throw new Fault(
      "dataset_missing",
      `${pair.pair_key}: feature ${feature_id} is not in the ledger`,
      { hint: "run fetch-dataset again" },
    );
  };
  return pairs.map((pair) => ({
    id: pair.pair_key,
    base: {
      kind: "patches",
      context: (tasks.get(taskKey(pair)) ?? []).map(({ feature_id }) => patchOf(pair, feature_id)),
    },
    patches: pair.features.map((feature_id) => patchOf(pair, feature_id)),
  }));
}
