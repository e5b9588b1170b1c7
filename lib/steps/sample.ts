// Owns drawing a sample from the pairs that the ledger knows.
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { samplePairs } from "../dataset/sample.ts";
import { UsageError } from "../fault.ts";

/** By what a sample can keep the shares: repositories, solo results, conflicts of the gold patches. */
export const STRATA = ["repo", "difficulty", "conflict"] as const;

/** The rows of units that are pairs, with their traits. Throws UsageError for three features and more. */
export function storedPairs(ledger: Ledger, units: readonly { pair_key: string }[]): PairRow[] {
  const byKey = new Map(ledger.dataset.pairs({}).map((row) => [row.pair_key, row]));
  return units.map(({ pair_key }) => {
    const row = byKey.get(pair_key);
    if (row) return row;
    throw new UsageError(`samples and subsets are made of pairs: ${pair_key} has more features`);
  });
}

export type Draw = {
  readonly pairs: readonly PairRow[];
  /** How many pairs. */
  readonly size: number;
  /** The same seed gives the same pairs on every machine. */
  readonly seed: number;
  readonly stratify?: (typeof STRATA)[number] | undefined;
  readonly signal: AbortSignal;
};

/** Draws pairs, as the published recipe does when there are no strata. Throws UsageError for an impossible size. */
export async function drawPairs(ledger: Ledger, draw: Draw): Promise<PairRow[]> {
  const { pairs, size, seed, stratify, signal } = draw;
  if (stratify === undefined) return samplePairs({ pairs, size, seed });
  const { strataOf } = await import("../dataset/strata.ts");
  const stratumOf = await strataOf(stratify, { ledger, pairs: [...pairs], signal });
  return samplePairs({ pairs, size, seed, stratumOf });
}
