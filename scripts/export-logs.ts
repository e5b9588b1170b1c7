// Owns the door `export-logs`.
import { EXPORT_LOGS_FLAGS } from "../lib/cli/flags/export-logs.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const exportLogs = defineCommand({
  name: "export-logs",
  summary: "Write runs as a logs tree that CooperBench's tools read",
  reads: () => "read",
  words: "Names of runs follow as plain words.",
  args: EXPORT_LOGS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/export-logs.ts")).run(call),
});

if (import.meta.main) await main(exportLogs);
