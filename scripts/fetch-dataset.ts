// Owns the door `fetch-dataset`.
import { FETCH_DATASET_FLAGS } from "../lib/cli/flags/fetch-dataset.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const fetchDataset = defineCommand({
  name: "fetch-dataset",
  summary: "Fetch the dataset from the hub or a folder, check it, index it in the ledger",
  words: "After --diff, the second edition.",
  reads: ({ diff }) => (diff === undefined ? undefined : "read"),
  args: FETCH_DATASET_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/fetch-dataset.ts")).run(call),
});

if (import.meta.main) await main(fetchDataset);
