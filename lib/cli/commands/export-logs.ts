// Owns the work of `export-logs`: writes runs of the ledger as a logs tree that CooperBench's tools read.

import { UsageError } from "../../core/fault.ts";
import { oneOf } from "../args.ts";
import type { EXPORT_LOGS_FLAGS } from "../flags/export-logs.ts";
import type { CommandContext } from "../step.ts";
import { reportUnits } from "../units.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  signal,
  ledger: open,
}: CommandContext<typeof EXPORT_LOGS_FLAGS>): Promise<number> {
  if (words.length === 0) throw new UsageError("name at least one run to export");
  if (args.out === undefined) throw new UsageError("name the folder to write to: -o FOLDER");
  const form = await oneOf("--form", args.form, FORMS);
  const { filtersOf } = await import("../select.ts");
  const { exportLogs: write } = await import("../../cooperbench/export/export.ts");
  using units = reportUnits(out, { doing: "exporting", did: "exported" });
  const problems = { attempts: 0 };
  await write({
    ledger: await open(),
    log_dir: args["log-dir"],
    runs: [...new Set(words)],
    select: filtersOf(args),
    out_dir: args.out,
    form,
    force: args.force === true,
    signal,
    on_start: units.start,
    on_unit(unit) {
      if (!("fault" in unit) && unit.problems.length > 0) problems.attempts++;
      units.done(unit);
    },
  });
  if (problems.attempts > 0)
    out.warn(`${problems.attempts} attempts are incomplete: see "problems" in their lines`);
  return units.close();
}

const FORMS = ["released", "documented"] as const;
