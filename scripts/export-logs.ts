// Owns the door `export-logs`.
import { EXPORT_LOGS_FLAGS } from "../lib/cli/flags/export-logs.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const exportLogs = defineCommand({
  name: "export-logs",
  summary: "Write runs as logs that CooperBench's tools read",
  reads: () => "read",
  words: { usage: "[RUN]...", meaning: "names of the runs to write" },
  examples: {
    "tandem export-logs first -o exported": "Write a run as CooperBench would have",
  },
  args: EXPORT_LOGS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/export-logs.ts")).run(call),
});

if (import.meta.main) await main(exportLogs);
