// Owns the door `run-pair`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { RUN_PAIR_FLAGS } from "../lib/cli/flags/run-pair.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const runPair = defineCommand({
  name: "run-pair",
  summary: "Run agents on pairs of features",
  reads: plansDry,
  drains: true,
  words: KEY_WORDS,
  examples: {
    "tandem run-pair -n first -m replay/demo -r demo_task":
      "Run recorded agents on the demo task: no key, no network",
    "tandem run-pair -n mine -m anthropic/claude-sonnet-4-5 -s lite --backend docker --budget 20":
      "Run a real model on a subset, in containers, for 20 dollars at most",
  },
  args: RUN_PAIR_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/run-pair.ts")).run(call),
});

if (import.meta.main) await main(runPair);
