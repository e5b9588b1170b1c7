// Owns the step `import-logs`: other people's runs, and tables of outcomes that they published, into the ledger.

import { NAME_ARG, oneOf, PLACE_ARGS, WORK_ARGS } from "../lib/cli/args.ts";
import { COMMON_ARGS, defineStep, main, plansDry, type StepContext } from "../lib/cli/step.ts";
import { reportUnits } from "../lib/cli/units.ts";
import { UsageError } from "../lib/core/fault.ts";
import { SETTINGS } from "../lib/core/vocabulary.ts";

const ARGS = {
  ...NAME_ARG,
  prefix: {
    type: "string",
    description: "put before the name of every run that is imported",
    valueHint: "text",
  },
  table: {
    type: "string",
    description: "a published table of outcomes (JSON) instead of a folder",
    valueHint: "file",
  },
  source: { type: "string", description: "--table: its name in the ledger", valueHint: "name" },
  setting: {
    type: "string",
    description: "--table: coop or solo",
    valueHint: "setting",
    default: "coop",
  },
  ...WORK_ARGS,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const;

export const importLogs = defineStep({
  name: "import-logs",
  summary: "Read the existing system's logs (many runs, one run or one pair) into the ledger",
  words: "The folder to read follows as a plain word; links inside it are not followed.",
  reads: plansDry,
  args: ARGS,
  async run(context) {
    const { args, words } = context;
    const [dir, ...others] = words;
    if (args.table !== undefined) return await readTable(context);
    if (args.source !== undefined) throw new UsageError("--source names a table: give --table too");
    if (dir === undefined || others.length > 0)
      throw new UsageError("give one folder of logs, such as logs/ or logs/my-run");
    const { importLogs: read } = await import("../lib/cooperbench/import/import.ts");
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
      context.out.warn(
        `${problems.attempts} attempts have problems: see "problems" in their lines`,
      );
    return units.close();
  },
});

async function readTable({ args, words, out, ledger }: StepContext<typeof ARGS>): Promise<number> {
  const { table: file, source } = args;
  if (words.length > 0 || file === undefined)
    throw new UsageError("--table takes the place of the folder: give one of them");
  if (source === undefined || source.trim() === "")
    throw new UsageError("--table needs --source, a name for the table such as paper");
  const given = Object.entries({
    "-n": args.name,
    "--prefix": args.prefix,
    "--dry-run": args["dry-run"],
    "--force": args.force,
  });
  const vain = given.find(([, value]) => value !== undefined);
  if (vain) throw new UsageError(`${vain[0]} says nothing about a table: leave it away`);
  const setting = await oneOf("--setting", args.setting, SETTINGS);
  const { importTable } = await import("../lib/cooperbench/published.ts");
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

if (import.meta.main) await main(importLogs);
