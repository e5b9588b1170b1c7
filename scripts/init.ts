// Owns the door `init`.
import { INIT_FLAGS } from "../lib/cli/flags/init.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const init = defineCommand({
  name: "init",
  summary: "Write a study that runs at once, with comments",
  words: {
    usage: "[FILE]",
    meaning: "where to write it: first.toml for a study called first (default: study.toml)",
  },
  examples: {
    "tandem init first.toml": "Begin the study called first",
    "tandem pipeline -f first.toml --dry-run": "See what it would do",
  },
  args: INIT_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/init.ts")).run(call),
});

if (import.meta.main) await main(init);
