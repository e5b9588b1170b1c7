// Owns merging the gold patches of pairs: the ceiling that agents are measured against, kept with the pairs.
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { quickScratch } from "../core/files.ts";
import { taskKey } from "../core/keys.ts";
import { type MergeJob, mergeAttempts } from "../merge/merge.ts";

export type GoldOptions = {
  readonly ledger: Ledger;
  /** Pairs, or groups of more features. */
  readonly pairs: readonly PairRow[];
  /** Hash of the edition that they are of; the current one when absent. */
  readonly edition?: string | undefined;
  readonly concurrency: number;
  readonly signal: AbortSignal;
};

/** Merges the gold patches of those pairs that have no gold status yet, and returns all pairs with theirs. */
export async function withGold(options: GoldOptions): Promise<PairRow[]> {
  const { ledger, pairs, edition, signal, concurrency } = options;
  const missing = pairs.filter(({ gold_naive }) => gold_naive === null);
  if (missing.length === 0) return [...pairs];
  await using folder = quickScratch("gold");
  const jobs = goldJobs(ledger, missing, edition);
  const outcomes = await mergeAttempts(jobs, { scratch: folder.path, concurrency, signal });
  const found = outcomes.map((outcome) => {
    if ("fault" in outcome) throw outcome.fault;
    return { pair_key: outcome.id, naive: outcome.naive.status, union: outcome.union.status };
  });
  const byKey = new Map(found.map((row) => [row.pair_key, row]));
  const done = pairs.map((pair) => {
    const gold = byKey.get(pair.pair_key);
    return gold ? { ...pair, gold_naive: gold.naive, gold_union: gold.union } : pair;
  });
  const groups = done.filter(
    ({ pair_key, features }) => features.length > 2 && byKey.has(pair_key),
  );
  const larger = new Set(groups.map(({ pair_key }) => pair_key));
  ledger.dataset.setGold(
    found.filter(({ pair_key }) => !larger.has(pair_key)),
    edition,
  );
  keepGroups(ledger, groups, edition);
  return done;
}

function keepGroups(ledger: Ledger, groups: readonly PairRow[], edition: string | undefined): void {
  if (groups.length === 0) return;
  const tasks = ledger.dataset.tasks(undefined, edition);
  const versions = new Map(tasks.map((task) => [taskKey(task), task.task_hash]));
  const rows = groups.map((row) => ({ ...row, task_hash: versions.get(taskKey(row)) ?? "" }));
  ledger.editions.putGroups(rows);
}

/** Jobs that merge the gold patches of pairs, on a base made from all gold patches of the task. */
export function goldJobs(ledger: Ledger, pairs: readonly PairRow[], edition?: string): MergeJob[] {
  const tasks = new Map(
    ledger.dataset.tasks(undefined, edition).map((task) => [taskKey(task), task.features]),
  );
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
