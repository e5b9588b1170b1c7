// Owns the door `warm-agents`.
import { WARM_AGENTS_FLAGS } from "../lib/cli/flags/warm-agents.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const warmAgents = defineCommand({
  name: "warm-agents",
  summary: "Install agent programs before they are needed",
  reads: () => "plan",
  words: {
    usage: "[AGENT]...",
    meaning: "agent programs to install; all that ship when none is named",
  },
  examples: {
    "tandem warm-agents codex gemini_cli":
      "Install two, each with a home that is past its first run",
  },
  args: WARM_AGENTS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/warm-agents.ts")).run(call),
});

if (import.meta.main) await main(warmAgents);
