// Owns the door `check-dataset`.
import { CHECK_DATASET_FLAGS } from "../lib/cli/flags/check-dataset.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const checkDataset = defineCommand({
  name: "check-dataset",
  summary: "Check that hidden tests fail alone and gold patches pass",
  about:
    "Check on this backend what the dataset claims: tests alone fail, gold patches pass, all features together pass",
  drains: true,
  examples: {
    "tandem check-dataset --backend docker -r go_chi_task":
      "Check the tasks of one repository in containers",
  },
  fails: "some check is not as it should be, or met a fault",
  args: CHECK_DATASET_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/check-dataset.ts")).run(call),
});

if (import.meta.main) await main(checkDataset);
