// Owns which pairs a study is about: its selection, the draw from it, and the limit on both.
import type { Ledger } from "../../db/ledger.ts";
import { editionNamed } from "../dataset/edition.ts";
import { selectPairs, type Unit } from "../select/select.ts";
import { drawPairs, storedPairs } from "../stages/sample.ts";
import type { Study } from "./file.ts";

type Options = {
  readonly pairs: Study["pairs"];
  readonly ledger: Ledger;
  readonly dataset_dir: string;
  /** Name or hash; the current one when absent. */
  readonly edition?: string | undefined;
  readonly signal: AbortSignal;
};

/**
 * The pairs in the order of the dataset, of the keys, or as drawn. A limit cuts what is left, so that `--set
 * pairs.limit=2` tries a study on the first two of its own pairs. Throws UsageError for what the dataset does not have
 * and for an impossible draw.
 */
export async function studyPairs(options: Options): Promise<Unit[]> {
  const { ledger, dataset_dir, edition, signal } = options;
  const { sample, limit, ...selection } = options.pairs;
  const units = selectPairs(ledger, { ...selection, edition, dataset_dir });
  if (sample === undefined) return units.slice(0, limit);
  const hash = editionNamed(ledger, edition)?.hash;
  const pairs = storedPairs(ledger, units, hash);
  const draw = { pairs, ...sample, edition: hash, signal };
  return (await drawPairs(ledger, draw)).slice(0, limit);
}
