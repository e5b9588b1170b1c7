// Owns the door `view`.
import { VIEW_FLAGS } from "../lib/cli/flags/view.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const view = defineCommand({
  name: "view",
  summary: "Serve the report's pages live, on this machine only",
  reads: () => "read",
  examples: {
    "tandem view": "Serve the pages of all runs at http://127.0.0.1:8017",
    "tandem view --steer": "The same, and let whoever has the printed token steer and annotate",
  },
  args: VIEW_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/view.ts")).run(call),
});

if (import.meta.main) await main(view);
