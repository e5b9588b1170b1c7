// Owns the door `view`.
import { VIEW_FLAGS } from "../lib/cli/flags/view.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const view = defineCommand({
  name: "view",
  summary: "Serve the report's pages live from the ledger, on this machine only",
  reads: () => "read",
  args: VIEW_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/view.ts")).run(call),
});

if (import.meta.main) await main(view);
