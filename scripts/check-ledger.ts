// Owns the door `check-ledger`.
import { CHECK_LEDGER_FLAGS } from "../lib/cli/flags/check-ledger.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const checkLedger = defineCommand({
  name: "check-ledger",
  summary: "Check that stored results are whole and unchanged",
  about:
    "Check that everything finished units left is there and unchanged, and that nothing was decided twice",
  reads: () => "read",
  examples: {
    "tandem check-ledger -n first": "Check the files of one run against their hashes",
  },
  fails: "something is missing, changed or was decided twice",
  args: CHECK_LEDGER_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/check-ledger.ts")).run(call),
});

if (import.meta.main) await main(checkLedger);
