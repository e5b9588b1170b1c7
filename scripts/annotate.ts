// Owns the door `annotate`.
import { ANNOTATE_FLAGS, ANNOTATE_WORDS, listsOnly } from "../lib/cli/flags/annotate.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const annotate = defineCommand({
  name: "annotate",
  summary: "Keep people's labels and notes on attempts, or list them",
  reads: listsOnly,
  words: ANNOTATE_WORDS,
  examples: {
    "tandem annotate KEY --note 'the merge dropped a brace'": "Keep a note on an attempt",
    "tandem annotate KEY --message 3 --measure speech-acts --label plan":
      "Label a message as a model is asked to",
    "tandem annotate -n first --json > people.jsonl": "Write out what people said of a run",
  },
  args: ANNOTATE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/annotate.ts")).run(call),
});

if (import.meta.main) await main(annotate);
