// Owns the door `judge`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { JUDGE_FLAGS } from "../lib/cli/flags/judge.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const judge = defineCommand({
  name: "judge",
  summary: "Ask a model for labels of conversations",
  about: "Ask a model for labels of conversations, or compare its labels with people's",
  reads: (args) => (args.agreement === undefined ? plansDry(args) : "read"),
  drains: true,
  words: KEY_WORDS,
  examples: {
    "tandem judge -n first -m anthropic/claude-haiku-4-5 --budget 5":
      "Label the conversations of a run, for 5 dollars at most",
    "tandem judge -n first --agreement labels.csv": "Compare stored labels with those of people",
  },
  args: JUDGE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/judge.ts")).run(call),
});

if (import.meta.main) await main(judge);
