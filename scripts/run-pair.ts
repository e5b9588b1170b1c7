// Owns the door `run-pair`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { RUN_PAIR_FLAGS } from "../lib/cli/flags/run-pair.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const runPair = defineCommand({
  name: "run-pair",
  summary: "Run agents on pairs of features",
  words: KEY_WORDS,
  reads: plansDry,
  drains: true,
  args: RUN_PAIR_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/run-pair.ts")).run(call),
});

if (import.meta.main) await main(runPair);
