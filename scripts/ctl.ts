// Owns the door `ctl`.
import { CTL_FLAGS, CTL_WORDS, looksOnly } from "../lib/cli/flags/ctl.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const ctl = defineCommand({
  name: "ctl",
  summary: "Steer work under way: pause, resume, concurrency, cancel",
  about:
    "Steer work under way, from any terminal: pause, resume, another concurrency, cancel attempts or arms",
  reads: looksOnly,
  words: CTL_WORDS,
  examples: {
    "tandem ctl first pause": "Begin nothing new of a study; what is under way goes on",
    "tandem ctl first -c 4": "From now on, make four attempts at a time",
    "tandem ctl first cancel --arm solo": "Stop an arm, and leave it undone until it is resumed",
    "tandem ctl first": "See what was asked, and who obeys it",
  },
  args: CTL_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/ctl.ts")).run(call),
});

if (import.meta.main) await main(ctl);
