// Owns the door `sample-subset`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { SAMPLE_SUBSET_FLAGS } from "../lib/cli/flags/sample-subset.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const sampleSubset = defineCommand({
  name: "sample-subset",
  summary: "Print the pairs of a subset, or draw a seeded sample",
  words: KEY_WORDS,
  examples: {
    "tandem sample-subset -s lite": "Print the pairs of the subset lite",
    "tandem sample-subset --size 50 --seed 7 --save fifty":
      "Draw fifty pairs, and keep them as a subset of that name",
  },
  args: SAMPLE_SUBSET_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/sample-subset.ts")).run(call),
});

if (import.meta.main) await main(sampleSubset);
