// Owns the flags of `pipeline`.

import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";
import { EVAL_FLAGS } from "./eval.ts";
import { FETCH_DATASET_FLAGS } from "./fetch-dataset.ts";
import { REPORT_FLAGS } from "./report.ts";
import { RUN_PAIR_FLAGS } from "./run-pair.ts";
import { SAMPLE_SUBSET_FLAGS } from "./sample-subset.ts";

const { size, seed, "from-subset": fromSubset, stratify } = SAMPLE_SUBSET_FLAGS;
const { from, hub, revision, endpoint } = FETCH_DATASET_FLAGS;
const { policy, format, parts } = REPORT_FLAGS;

export const PIPELINE_FLAGS = {
  ...RUN_PAIR_FLAGS,
  features: {
    ...RUN_PAIR_FLAGS.features,
    description: "only pairs with exactly these features; or the file of a study",
  },
  study: {
    type: "string",
    description: "file of a study (-f STUDY.toml does the same)",
    valueHint: "file",
  },
  set: {
    type: "string",
    description:
      "with a study: override a value of its file, such as arms.coop.tries=3; repeatable",
    valueHint: "a.b=c",
  },
  "keep-going": {
    type: "boolean",
    alias: "k",
    description: "with a study: go on after any fault, and report what there is",
  },
  list: {
    type: "boolean",
    description: "list the targets, and the arms of the study, and do nothing",
  },
  concurrency: { ...RUN_PAIR_FLAGS.concurrency, alias: ["c", "j"] },
  size,
  seed,
  "from-subset": fromSubset,
  stratify,
  from,
  hub,
  revision,
  endpoint,
  timeout: EVAL_FLAGS.timeout,
  policy,
  format,
  parts,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
