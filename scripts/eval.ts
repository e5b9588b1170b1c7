// Owns the door `eval`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { EVAL_FLAGS } from "../lib/cli/flags/eval.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const evaluate = defineCommand({
  name: "eval",
  summary: "Test merged attempts with the features' hidden tests",
  words: KEY_WORDS,
  reads: plansDry,
  drains: true,
  args: EVAL_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/eval.ts")).run(call),
});

if (import.meta.main) await main(evaluate);
