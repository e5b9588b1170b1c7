// Owns the door `docs`.
import { doors } from "../lib/cli/doors.ts";
import { DOCS_FLAGS } from "../lib/cli/flags/docs.ts";
import { type Command, defineCommand, main } from "../lib/cli/step.ts";

export const docs: Command<typeof DOCS_FLAGS> = defineCommand({
  name: "docs",
  summary: "List the pages of documentation, or print some",
  words: "PAGE, such as concepts: this page is printed.",
  args: DOCS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/docs.ts")).run(call, doors(docs)),
});

if (import.meta.main) await main(docs);
