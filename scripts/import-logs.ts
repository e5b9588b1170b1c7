// Owns the door `import-logs`.
import { IMPORT_LOGS_FLAGS } from "../lib/cli/flags/import-logs.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const importLogs = defineCommand({
  name: "import-logs",
  summary: "Read CooperBench's logs into the ledger",
  about: "Read CooperBench's logs (many runs, one run or one pair) into the ledger",
  reads: plansDry,
  words: { usage: "[FOLDER]", meaning: "the folder to read; links inside it are not followed" },
  examples: {
    "tandem import-logs ../CooperBench/logs": "Import every run below a folder",
    "tandem import-logs --table outcomes.json --source paper":
      "Import a published table of outcomes",
  },
  args: IMPORT_LOGS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/import-logs.ts")).run(call),
});

if (import.meta.main) await main(importLogs);
