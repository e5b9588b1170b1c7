// Owns the work of `sample-subset`: prints the pairs of a subset, or draws a seeded sample and may save it.

import type { Ledger } from "../../../db/ledger.ts";
import type { PairRow } from "../../../db/schema.ts";
import { UsageError } from "../../core/fault.ts";
import { oneOf, wholeNumber } from "../args.ts";
import type { SAMPLE_SUBSET_FLAGS } from "../flags/sample-subset.ts";
import type { Output } from "../output.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  ledger: open,
  signal,
}: CommandContext<typeof SAMPLE_SUBSET_FLAGS>): Promise<number> {
  const { selectPairs } = await import("../select.ts");
  const { drawPairs, groupUnits, STRATA, storedPairs } = await import("../../stages/sample.ts");
  const { editionNamed } = await import("../../dataset/edition.ts");
  if (args.subset !== undefined && args["from-subset"] !== undefined)
    throw new UsageError(
      "-s and --from-subset both name a subset: -s prints it, --from-subset draws from it",
    );
  if (args.size === undefined && (args.stratify !== undefined || args["from-subset"] !== undefined))
    throw new UsageError("--stratify and --from-subset need --size, the number of pairs to draw");
  const ledger = await open();
  const subset = args.subset ?? args["from-subset"];
  const edition = editionNamed(ledger, args.edition)?.hash;
  const selected = await selectPairs(ledger, words, { ...args, subset });
  const group = wholeNumber("--group", args.group, 2);
  if (group !== undefined && (words.length > 0 || (subset ?? args.features) !== undefined))
    throw new UsageError("--group takes all groups of that size: only -r and -t go with it");
  const units =
    group === undefined ? selected : groupUnits(ledger, { units: selected, size: group, edition });
  if (args.size === undefined && args.save === undefined && args.gold !== true) {
    for (const { pair_key } of units) out.emit({ key: pair_key });
    return 0;
  }
  const pairs = storedPairs(ledger, units, edition);
  const size = wholeNumber("--size", args.size, 1);
  const stratify =
    args.stratify === undefined ? undefined : await oneOf("--stratify", args.stratify, STRATA);
  const seed = wholeNumber("--seed", args.seed) ?? 42;
  const chosen =
    size === undefined
      ? pairs
      : await drawPairs(ledger, { pairs, size, seed, stratify, edition, signal });
  if (args.save !== undefined) await save(ledger, chosen, args);
  if (args.gold === true) return await showGold({ ledger, chosen, edition, out, signal });
  for (const { pair_key } of chosen) out.emit({ key: pair_key });
  return 0;
}

type Gold = {
  readonly ledger: Ledger;
  readonly chosen: readonly PairRow[];
  readonly edition: string | undefined;
  readonly out: Output;
  readonly signal: AbortSignal;
};

/** One line per pair or group with how the merge of its gold patches ended. Returns 0: a conflict is not a fault. */
async function showGold({ ledger, chosen, edition, out, signal }: Gold): Promise<number> {
  const { withGold } = await import("../../dataset/gold.ts");
  const concurrency = navigator.hardwareConcurrency;
  const rows = await withGold({ ledger, pairs: chosen, edition, concurrency, signal });
  for (const { pair_key: key, gold_naive, gold_union } of rows)
    out.emit({ key, gold_naive, gold_union });
  const conflicts = rows.filter(({ gold_naive }) => gold_naive === "conflicts").length;
  const share = ((100 * conflicts) / Math.max(1, rows.length)).toFixed(1);
  out.say(`the gold patches of ${conflicts} of ${rows.length} conflict (${share} %)`);
  return 0;
}

type Args = {
  readonly size?: string | undefined;
  readonly seed: string;
  readonly stratify?: string | undefined;
  readonly save?: string | undefined;
  readonly edition?: string | undefined;
  readonly "dataset-dir": string;
};

async function save(ledger: Ledger, chosen: readonly PairRow[], args: Args): Promise<void> {
  const { existsSync, readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { writeWhole } = await import("../../core/files.ts");
  const { loadSubset, subsetFile } = await import("../../dataset/index.ts");
  const { editionNamed } = await import("../../dataset/edition.ts");
  const { checkedSubsetName, makeSubset, subsetText } = await import("../../dataset/subset.ts");
  const name = checkedSubsetName(args.save ?? "");
  const how =
    args.size === undefined
      ? "chosen by filters"
      : `drawn with seed ${args.seed}${args.stratify ? `, stratified by ${args.stratify}` : ""}`;
  const edition = editionNamed(ledger, args.edition);
  const root = args["dataset-dir"];
  const known = subsetFile(ledger, root, { name, edition });
  const path = known ?? join(root, "subsets", `${name}.json`);
  const what = chosen.some(({ features }) => features.length > 2) ? "groups" : "pairs";
  const description = `${chosen.length} ${what} ${how}`;
  const subset = makeSubset({ name, description, pairs: chosen });
  if (existsSync(path) && readFileSync(path, "utf8") !== subsetText(subset))
    throw new UsageError(
      `${path} exists and differs: choose another name with --save, or remove the file`,
    );
  writeWhole(path, subsetText(subset));
  loadSubset(ledger, root, name, edition);
}
