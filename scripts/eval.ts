// Owns the door `eval`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { EVAL_FLAGS } from "../lib/cli/flags/eval.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const evaluate = defineCommand({
  name: "eval",
  summary: "Test merged attempts with the features' hidden tests",
  reads: plansDry,
  drains: true,
  words: KEY_WORDS,
  examples: {
    "tandem eval -n first": "Test every merged attempt of a run",
    "tandem run-pair -n first -m replay/demo -r demo_task | tandem merge - | tandem eval -":
      "Run, merge and test in one pipe",
  },
  args: EVAL_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/eval.ts")).run(call),
});

if (import.meta.main) await main(evaluate);
