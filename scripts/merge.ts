// Owns the door `merge`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { MERGE_FLAGS } from "../lib/cli/flags/merge.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const merge = defineCommand({
  name: "merge",
  summary: "Merge the agents' patches of finished attempts (naive and union)",
  words: KEY_WORDS,
  reads: plansDry,
  drains: true,
  args: MERGE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/merge.ts")).run(call),
});

if (import.meta.main) await main(merge);
