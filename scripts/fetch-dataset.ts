// Owns the door `fetch-dataset`.
import { FETCH_DATASET_FLAGS } from "../lib/cli/flags/fetch-dataset.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const fetchDataset = defineCommand({
  name: "fetch-dataset",
  summary: "Fetch the dataset, check it, and index it in the ledger",
  about: "Fetch the dataset from the hub or a folder, check it, and index it in the ledger",
  reads: ({ diff }) => (diff === undefined ? undefined : "read"),
  words: { usage: "[EDITION]", meaning: "with --diff, the edition to compare with" },
  examples: {
    "tandem fetch-dataset": "Fetch the public dataset into ./dataset",
    "tandem fetch-dataset --from ../cooperbench-data":
      "Take it from a folder instead, without the network",
    "tandem fetch-dataset --diff 2026-01 2026-02": "List what changed between two editions",
  },
  fails: "the dataset could not be fetched whole, or has problems",
  args: FETCH_DATASET_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/fetch-dataset.ts")).run(call),
});

if (import.meta.main) await main(fetchDataset);
