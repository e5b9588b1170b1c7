// Owns the door `retry`.

import { KEY_WORDS } from "../lib/cli/args.ts";
import { RETRY_FLAGS } from "../lib/cli/flags/retry.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const retry = defineCommand({
  name: "retry",
  summary: "Queue faults, or attempts with chosen outcomes, again",
  about: "Queue units again: open faults, or attempts with chosen outcomes; old attempts are kept",
  reads: plansDry,
  words: KEY_WORDS,
  examples: {
    "tandem retry -n first": "Queue what met a fault in a run",
    'tandem retry -n first --outcome "limit reached" --dry-run':
      "See which attempts had reached a limit",
  },
  args: RETRY_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/retry.ts")).run(call),
});

if (import.meta.main) await main(retry);
