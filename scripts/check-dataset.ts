// Owns the door `check-dataset`.
import { CHECK_DATASET_FLAGS } from "../lib/cli/flags/check-dataset.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const checkDataset = defineCommand({
  name: "check-dataset",
  summary:
    "Prove on this backend what the dataset claims: tests alone fail, gold passes, all features together pass",
  drains: true,
  args: CHECK_DATASET_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/check-dataset.ts")).run(call),
});

if (import.meta.main) await main(checkDataset);
