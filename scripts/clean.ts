// Owns the door `clean`.
import { CLEAN_FLAGS } from "../lib/cli/flags/clean.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const clean = defineCommand({
  name: "clean",
  summary: "Remove what ended processes have left behind",
  about:
    "Remove containers, volumes, networks, half-made images, scratch folders and half-written files whose owners are gone",
  examples: {
    "tandem clean --dry-run": "See what would be removed",
  },
  args: CLEAN_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/clean.ts")).run(call),
});

if (import.meta.main) await main(clean);
