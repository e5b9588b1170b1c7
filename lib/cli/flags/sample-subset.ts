// Owns the flags of `sample-subset`.
import { FILTER_ARGS, PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const SAMPLE_SUBSET_FLAGS = {
  ...FILTER_ARGS,
  size: { type: "string", description: "draw this many pairs", valueHint: "n" },
  group: {
    type: "string",
    description: "groups of this many features of a task, instead of pairs",
    valueHint: "n",
  },
  gold: {
    type: "boolean",
    description: "merge the gold patches of each, and print the result",
  },
  seed: {
    type: "string",
    description: "seed of the draw (the published recipe uses 42)",
    valueHint: "n",
    default: "42",
  },
  "from-subset": { type: "string", description: "draw from this subset", valueHint: "name" },
  stratify: {
    type: "string",
    description: "keep the shares of: repo, difficulty (solo results), conflict (gold patches)",
    complete: ["repo", "difficulty", "conflict"],
    valueHint: "trait",
  },
  save: {
    type: "string",
    description: "write the result to subsets/<name>.json in the dataset folder",
    valueHint: "name",
  },
  "dataset-dir": PLACE_ARGS["dataset-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
