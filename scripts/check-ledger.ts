// Owns the door `check-ledger`.
import { CHECK_LEDGER_FLAGS } from "../lib/cli/flags/check-ledger.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const checkLedger = defineCommand({
  name: "check-ledger",
  summary:
    "Check that everything finished units left is there and unchanged, and that nothing was decided twice",
  reads: () => "read",
  args: CHECK_LEDGER_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/check-ledger.ts")).run(call),
});

if (import.meta.main) await main(checkLedger);
