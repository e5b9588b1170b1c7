// Owns the door `archive`.
import { ARCHIVE_FLAGS } from "../lib/cli/flags/archive.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const archive = defineCommand({
  name: "archive",
  summary: "Write runs to one file, or restore them",
  about:
    "Write runs (ledger rows and files) to one file; --restore puts them back, checked by hash",
  reads: ({ restore }) => (restore === undefined ? "read" : undefined),
  words: { usage: "[RUN]...", meaning: "names of the runs to write" },
  examples: {
    "tandem archive first": "Write a run to first.tandem.tar.zst",
    "tandem archive --restore first.tandem.tar.zst": "Put it back, here or on another machine",
  },
  args: ARCHIVE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/archive.ts")).run(call),
});

if (import.meta.main) await main(archive);
