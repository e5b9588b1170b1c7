// Owns the work of `import-logs`: reads other people's runs, and tables of outcomes that they published, into the ledger.

import { UsageError } from "../../core/fault.ts";
import { SETTINGS } from "../../core/vocabulary.ts";
import { oneOf } from "../args.ts";
import type { IMPORT_LOGS_FLAGS } from "../flags/import-logs.ts";
import type { CommandContext } from "../step.ts";
import { reportUnits } from "../units.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run(context: CommandContext<typeof IMPORT_LOGS_FLAGS>): Promise<number> {
  const { args, words } = context;
  const [dir, ...others] = words;
  if (args.table !== undefined) return await readTable(context);
  if (args.source !== undefined) throw new UsageError("--source names a table: give --table too");
  if (dir === undefined || others.length > 0)
    throw new UsageError("give one folder of logs, such as logs/ or logs/my-run");
  const { importLogs: read } = await import("../../cooperbench/import/import.ts");
  using units = reportUnits(context.out, { doing: "importing", did: "imported" });
  const problems = { attempts: 0 };
  await read({
    ledger: await context.ledger(),
    log_dir: args["log-dir"],
    dir,
    name: args.name,
    prefix: args.prefix,
    force: args.force === true,
    dry_run: args["dry-run"] === true,
    signal: context.signal,
    on_start: units.start,
    on_warning: context.out.warn,
    on_unit(unit) {
      if (!("fault" in unit) && unit.problems.length > 0) problems.attempts++;
      units.done(unit);
    },
  });
  if (problems.attempts > 0)
    context.out.warn(`${problems.attempts} attempts have problems: see "problems" in their lines`);
  return units.close();
}

async function readTable({
  args,
  words,
  out,
  ledger,
}: CommandContext<typeof IMPORT_LOGS_FLAGS>): Promise<number> {
  const { table: file, source } = args;
  if (words.length > 0 || file === undefined)
    throw new UsageError("--table replaces the folder: give only one of them");
  if (source === undefined || source.trim() === "")
    throw new UsageError("--table needs --source, a name for the table such as paper");
  const given = Object.entries({
    "-n": args.name,
    "--prefix": args.prefix,
    "--dry-run": args["dry-run"],
    "--force": args.force,
  });
  const vain = given.find(([, value]) => value !== undefined);
  if (vain) throw new UsageError(`${vain[0]} does not apply to --table: omit it`);
  const setting = await oneOf("--setting", args.setting, SETTINGS);
  const { importTable } = await import("../../cooperbench/published.ts");
  const { pairs, faults, counts } = importTable({ ledger: await ledger(), file, source, setting });
  for (const { key, models } of pairs) out.emit({ key, source, setting, models });
  for (const { key, fault } of faults) {
    out.emit({ key, fault: fault.code, message: fault.message });
    out.warn(`${fault.message} [${fault.code}] → ${fault.hint}`);
  }
  const { fresh, same, changed, gone } = counts;
  out.say(
    `${fresh} outcomes new, ${changed} changed, ${same} as before, ${gone} gone, ${faults.length} faults`,
  );
  return faults.length;
}
