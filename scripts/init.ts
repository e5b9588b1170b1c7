// Owns the door `init`.
import { INIT_FLAGS } from "../lib/cli/flags/init.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const init = defineCommand({
  name: "init",
  summary: "Write a study that runs at once, with every other setting and its default in comments",
  words:
    "FILE: where to write it, such as first.toml for a study called first (default: study.toml).",
  args: INIT_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/init.ts")).run(call),
});

if (import.meta.main) await main(init);
