// Owns the door `docs`.
import { DOCS_FLAGS } from "../lib/cli/flags/docs.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const docs = defineCommand({
  name: "docs",
  summary:
    "Write the documents that are generated from declarations: settings, ends, columns of reports, policies, the ledger, and the schema of studies",
  args: DOCS_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/docs.ts")).run(call),
});

if (import.meta.main) await main(docs);
