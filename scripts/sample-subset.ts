// Owns the step `sample`: prints the pairs of a subset, or draws a seeded sample and may save it.
import type { Ledger } from "../db/ledger.ts";
import type { PairRow } from "../db/schema.ts";
import { UsageError } from "../lib/fault.ts";
import { FILTER_ARGS, KEY_WORDS, oneOf, PLACE_ARGS, wholeNumber } from "./_args.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";

export const sampleSubset = defineStep({
  name: "sample-subset",
  summary: "Print the pairs of a subset, or draw a seeded sample",
  words: KEY_WORDS,
  args: {
    ...FILTER_ARGS,
    size: { type: "string", description: "draw this many pairs", valueHint: "n" },
    seed: {
      type: "string",
      description: "seed of the draw (the published recipe's is 42)",
      valueHint: "n",
      default: "42",
    },
    "from-subset": { type: "string", description: "draw from this subset", valueHint: "name" },
    stratify: {
      type: "string",
      description: "keep the shares of: repo, difficulty (solo results), conflict (gold patches)",
      valueHint: "trait",
    },
    save: {
      type: "string",
      description: "write the result to subsets/<name>.json in the dataset folder",
      valueHint: "name",
    },
    "dataset-dir": PLACE_ARGS["dataset-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, words, out, ledger: open, signal }) {
    const { selectPairs } = await import("./_select.ts");
    const { drawPairs, STRATA, storedPairs } = await import("../lib/steps/sample.ts");
    if (args.subset !== undefined && args["from-subset"] !== undefined)
      throw new UsageError(
        "-s and --from-subset both name a subset: -s prints it, --from-subset draws from it",
      );
    if (
      args.size === undefined &&
      (args.stratify !== undefined || args["from-subset"] !== undefined)
    )
      throw new UsageError("--stratify and --from-subset need --size, the number of pairs to draw");
    const ledger = await open();
    const subset = args.subset ?? args["from-subset"];
    const units = await selectPairs(ledger, words, { ...args, subset });
    if (args.size === undefined && args.save === undefined) {
      for (const { pair_key } of units) out.emit({ key: pair_key });
      return 0;
    }
    const pairs = storedPairs(ledger, units);
    const size = wholeNumber("--size", args.size, 1);
    const stratify =
      args.stratify === undefined ? undefined : await oneOf("--stratify", args.stratify, STRATA);
    const seed = wholeNumber("--seed", args.seed) ?? 42;
    const chosen =
      size === undefined ? pairs : await drawPairs(ledger, { pairs, size, seed, stratify, signal });
    if (args.save !== undefined) await save(ledger, chosen, args);
    for (const { pair_key } of chosen) out.emit({ key: pair_key });
    return 0;
  },
});

type Args = {
  readonly size?: string | undefined;
  readonly seed: string;
  readonly stratify?: string | undefined;
  readonly save?: string | undefined;
  readonly "dataset-dir": string;
};

async function save(ledger: Ledger, chosen: readonly PairRow[], args: Args): Promise<void> {
  const { existsSync, readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { writeWhole } = await import("../lib/files.ts");
  const { loadSubset } = await import("../lib/dataset/index.ts");
  const { checkedSubsetName, makeSubset, subsetText } = await import("../lib/dataset/subset.ts");
  const name = checkedSubsetName(args.save ?? "");
  const how =
    args.size === undefined
      ? "chosen by filters"
      : `drawn with seed ${args.seed}${args.stratify ? `, stratified by ${args.stratify}` : ""}`;
  const path = join(args["dataset-dir"], "subsets", `${name}.json`);
  const subset = makeSubset({ name, description: `${chosen.length} pairs ${how}`, pairs: chosen });
  if (existsSync(path) && readFileSync(path, "utf8") !== subsetText(subset))
    throw new UsageError(
      `${path} exists and differs: choose another name with --save, or remove the file`,
    );
  writeWhole(path, subsetText(subset));
  loadSubset(ledger, args["dataset-dir"], name);
}

if (import.meta.main) await main(sampleSubset);
