// Owns the flags of `fetch-dataset`.
import { HUB_IDS } from "../../dataset/origin.ts";
import { PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const FETCH_DATASET_FLAGS = {
  from: {
    type: "string",
    description: "take it from this folder (a clone, or only its text) instead of the hub",
    valueHint: "folder",
  },
  hub: {
    type: "string",
    description: "dataset on the hub",
    valueHint: "owner/name",
    default: HUB_IDS[0],
  },
  revision: {
    type: "string",
    description: "branch, tag or commit on the hub",
    valueHint: "rev",
    default: "main",
  },
  endpoint: {
    type: "string",
    description: "address of the hub",
    otherwise: "HF_ENDPOINT, else the public hub",
    valueHint: "url",
  },
  concurrency: {
    type: "string",
    alias: "c",
    description: "files at a time",
    valueHint: "n",
    default: "8",
  },
  timeout: {
    type: "string",
    description: "seconds a file may take",
    valueHint: "s",
    default: "300",
  },
  edition: {
    type: "string",
    description: "name this edition, and keep it in its own folder next to the others",
    valueHint: "name",
  },
  diff: {
    type: "string",
    description: "fetch nothing: list what changed between this edition and the one named after it",
    valueHint: "A B",
  },
  prune: { type: "boolean", description: "remove files of tasks that the source does not have" },
  "dataset-dir": PLACE_ARGS["dataset-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
