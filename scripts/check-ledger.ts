// Owns the check of a ledger and its files: what finished units left is there and unchanged, nothing was decided twice.
import { NAME_ARG, PLACE_ARGS } from "../lib/cli/args.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";

export const checkLedger = defineStep({
  name: "check-ledger",
  summary:
    "Check that all that finished units left is there and unchanged, and that nothing was decided twice",
  reads: () => "read",
  args: {
    ...NAME_ARG,
    quick: { type: "boolean", description: "existence and sizes only, no hashes" },
    "log-dir": PLACE_ARGS["log-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, out, signal, ledger: open }) {
    const { checkLedger: check } = await import("../lib/archive/check.ts");
    const { listedRuns } = await import("../lib/select/named-runs.ts");
    const ledger = await open();
    const checked = await check({
      ledger,
      log_dir: args["log-dir"],
      runs: listedRuns(ledger, args.name),
      quick: args.quick === true,
      signal,
      on_finding: (finding) => out.emit({ ...finding }),
    });
    const { attempts, files, without_artefacts, under_way, wrong } = checked;
    if (without_artefacts > 0)
      out.say(
        `${without_artefacts} attempts are from before hashes were kept: their files are not checked`,
      );
    if (under_way > 0) out.say(`${under_way} attempts are being worked on: not checked`);
    out.say(
      `${attempts} attempts, ${files} files looked at: ${wrong === 0 ? "all is well" : `${wrong} wrong`}`,
    );
    return wrong;
  },
});

if (import.meta.main) await main(checkLedger);
