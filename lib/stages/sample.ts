// Owns drawing a sample from the ledger's pairs.
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { pairKey, taskKey } from "../core/keys.ts";
import { groupRows, groupsOf } from "../dataset/groups.ts";
import { samplePairs } from "../dataset/sample.ts";

/** The traits whose shares a sample can keep: repositories, solo results, conflicts of the gold patches. */
export const STRATA = ["repo", "difficulty", "conflict"] as const;

type Stored = Pick<PairRow, "pair_key" | "repo" | "task_id" | "features">;

/** The rows of units with their traits: of pairs, and of groups of three features and more. Throws Fault `dataset_missing`. */
export function storedPairs(ledger: Ledger, units: readonly Stored[], edition?: string): PairRow[] {
  const byKey = new Map(ledger.dataset.pairs({ edition }).map((row) => [row.pair_key, row]));
  const larger = units.filter(({ pair_key }) => !byKey.has(pair_key));
  const groups = larger.length === 0 ? byKey : groupRows(ledger, larger, edition);
  return units.flatMap(({ pair_key }) => byKey.get(pair_key) ?? groups.get(pair_key) ?? []);
}

/** Every group of `size` features of the tasks that units belong to. */
export function groupUnits(
  ledger: Ledger,
  {
    units,
    size,
    edition,
  }: { units: readonly Stored[]; size: number; edition?: string | undefined },
): Stored[] {
  const wanted = new Set(units.map(taskKey));
  return ledger.dataset
    .tasks(undefined, edition)
    .filter((task) => wanted.has(taskKey(task)))
    .flatMap((task) => groupsOf(task, size))
    .map((id) => ({ ...id, features: [...id.features], pair_key: pairKey(id) }));
}

export type Draw = {
  readonly pairs: readonly PairRow[];
  /** Number of pairs. */
  readonly size: number;
  /** The same seed gives the same pairs on every machine. */
  readonly seed: number;
  readonly stratify?: (typeof STRATA)[number] | undefined;
  /** Hash of the edition that they are of; the current one when absent. */
  readonly edition?: string | undefined;
  readonly signal: AbortSignal;
};

/** Draws pairs, as the published recipe does when there are no strata. Throws UsageError for an impossible size. */
export async function drawPairs(ledger: Ledger, draw: Draw): Promise<PairRow[]> {
  const { pairs, size, seed, stratify, edition, signal } = draw;
  if (stratify === undefined) return samplePairs({ pairs, size, seed });
  const { strataOf } = await import("../dataset/strata.ts");
  const stratumOf = await strataOf(stratify, { ledger, pairs: [...pairs], edition, signal });
  return samplePairs({ pairs, size, seed, stratumOf });
}
