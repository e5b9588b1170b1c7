// Owns the door `merge`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { MERGE_FLAGS } from "../lib/cli/flags/merge.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const merge = defineCommand({
  name: "merge",
  summary: "Merge the agents' patches of finished attempts",
  about: "Merge the agents' patches of finished attempts, naive and union",
  reads: plansDry,
  drains: true,
  words: KEY_WORDS,
  examples: {
    "tandem merge -n first": "Merge what run-pair has finished in a run",
  },
  args: MERGE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/merge.ts")).run(call),
});

if (import.meta.main) await main(merge);
