// Owns the door `completion`.
import { doors } from "../lib/cli/doors.ts";
import { COMPLETION_FLAGS } from "../lib/cli/flags/completion.ts";
import { type Command, defineCommand, main } from "../lib/cli/step.ts";

export const completion: Command<typeof COMPLETION_FLAGS> = defineCommand({
  name: "completion",
  summary: "Print completions for a shell: bash, zsh or fish",
  words: "SHELL is bash, zsh or fish: `source <(tandem completion bash)`.",
  args: COMPLETION_FLAGS,
  run: async (call) =>
    await (await import("../lib/cli/commands/completion.ts")).run(call, doors(completion)),
});

if (import.meta.main) await main(completion);
