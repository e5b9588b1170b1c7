// Owns the door `docs`.

import { pages } from "../lib/cli/docs-pages.ts";
import { doors } from "../lib/cli/doors.ts";
import { DOCS_FLAGS } from "../lib/cli/flags/docs.ts";
import { type Command, defineCommand, main } from "../lib/cli/step.ts";

export const docs: Command<typeof DOCS_FLAGS> = defineCommand({
  name: "docs",
  summary: "List the pages of documentation, or print some",
  words: { usage: "[PAGE]...", meaning: "pages to print", complete: pages() },
  examples: {
    "tandem docs": "List the pages",
    "tandem docs concepts | less": "Read one",
  },
  args: DOCS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/docs.ts")).run(call, doors(docs)),
});

if (import.meta.main) await main(docs);
