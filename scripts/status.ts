// Owns the door `status`.
import { STATUS_FLAGS } from "../lib/cli/flags/status.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const status = defineCommand({
  name: "status",
  summary: "Show work under way: runs, faults, cost and forecast",
  about: "Show work under way: runs with faults, cost and forecast, active pairs, processes",
  reads: () => "read",
  examples: {
    "tandem status --watch": "Watch all runs from another terminal",
  },
  args: STATUS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/status.ts")).run(call),
});

if (import.meta.main) await main(status);
