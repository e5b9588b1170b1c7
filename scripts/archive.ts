// Owns the door `archive`.
import { ARCHIVE_FLAGS } from "../lib/cli/flags/archive.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const archive = defineCommand({
  name: "archive",
  summary:
    "Write runs (ledger rows and files) to one file; --restore puts them back, checked by hash",
  words: "Names of runs follow as plain words.",
  reads: ({ restore }) => (restore === undefined ? "read" : undefined),
  args: ARCHIVE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/archive.ts")).run(call),
});

if (import.meta.main) await main(archive);
