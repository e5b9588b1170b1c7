// Owns the door `report`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { REPORT_FLAGS } from "../lib/cli/flags/report.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const report = defineCommand({
  name: "report",
  summary: "Report rates, outcomes and comparisons: tables, files, pages",
  about: "Report rates with intervals, outcomes and comparisons: tables, files, or a site",
  reads: () => "read",
  words: KEY_WORDS,
  examples: {
    "tandem report": "Print the rates of all runs",
    "tandem report -n coop,solo --parts comparisons": "Compare two runs",
    "tandem report --html pages": "Write all of it as pages",
  },
  args: REPORT_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/report.ts")).run(call),
});

if (import.meta.main) await main(report);
