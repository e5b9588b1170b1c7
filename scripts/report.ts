// Owns the door `report`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { REPORT_FLAGS } from "../lib/cli/flags/report.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const report = defineCommand({
  name: "report",
  summary: "Report rates with intervals, outcomes and comparisons: tables, files, or a site",
  words: KEY_WORDS,
  reads: () => "read",
  args: REPORT_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/report.ts")).run(call),
});

if (import.meta.main) await main(report);
