// Owns the door `completion`.
import { SHELLS } from "../lib/cli/completion.ts";
import { doors } from "../lib/cli/doors.ts";
import { COMPLETION_FLAGS } from "../lib/cli/flags/completion.ts";
import { type Command, defineCommand, main } from "../lib/cli/step.ts";

export const completion: Command<typeof COMPLETION_FLAGS> = defineCommand({
  name: "completion",
  summary: "Print completions for a shell: bash, zsh or fish",
  words: { usage: "SHELL", meaning: "bash, zsh or fish", complete: Object.keys(SHELLS) },
  examples: {
    "source <(tandem completion bash)": "Complete in this shell; in ~/.bashrc, in every one",
    "tandem completion fish | source": "The same for fish",
  },
  args: COMPLETION_FLAGS,
  run: async (call) =>
    await (await import("../lib/cli/commands/completion.ts")).run(call, doors(completion)),
});

if (import.meta.main) await main(completion);
