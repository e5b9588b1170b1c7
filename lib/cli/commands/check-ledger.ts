// Owns the work of `check-ledger`: proving that what finished units left is there and unchanged, and that nothing was decided twice.
import type { CHECK_LEDGER_FLAGS } from "../flags/check-ledger.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
  ledger: open,
}: CommandContext<typeof CHECK_LEDGER_FLAGS>): Promise<number> {
  const { checkLedger: check } = await import("../../archive/check.ts");
  const { listedRuns } = await import("../../select/named-runs.ts");
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
      `${without_artefacts} attempts were made before hashes were kept: their files are not checked`,
    );
  if (under_way > 0) out.say(`${under_way} attempts are under way: not checked`);
  out.say(
    `${attempts} attempts, ${files} files looked at: ${wrong === 0 ? "all is well" : `${wrong} wrong`}`,
  );
  return wrong;
}
