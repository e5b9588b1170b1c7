// Owns the door `import-logs`.
import { IMPORT_LOGS_FLAGS } from "../lib/cli/flags/import-logs.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const importLogs = defineCommand({
  name: "import-logs",
  summary: "Read CooperBench's logs (many runs, one run or one pair) into the ledger",
  words: "The folder to read follows as a plain word; links inside it are not followed.",
  reads: plansDry,
  args: IMPORT_LOGS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/import-logs.ts")).run(call),
});

if (import.meta.main) await main(importLogs);
