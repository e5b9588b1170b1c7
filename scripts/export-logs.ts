// Owns the step `export-logs`: runs of the ledger as a logs tree that the existing tools read.

import { FILTER_ARGS, oneOf, PLACE_ARGS } from "../lib/cli/args.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";
import { reportUnits } from "../lib/cli/units.ts";
import { UsageError } from "../lib/core/fault.ts";

const FORMS = ["released", "documented"] as const;

export const exportLogs = defineStep({
  name: "export-logs",
  summary: "Write runs as a logs tree that the existing system's tools read",
  reads: () => "read",
  words: "Names of runs follow as plain words.",
  args: {
    out: { type: "string", alias: "o", description: "folder to write to", valueHint: "folder" },
    form: {
      type: "string",
      description: "released (the program's) or documented (ours)",
      valueHint: "form",
      default: "released",
    },
    force: { type: "boolean", description: "write over what an earlier export left" },
    ...FILTER_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger: open }) {
    if (words.length === 0) throw new UsageError("name one run or more to export");
    if (args.out === undefined) throw new UsageError("-o names the folder to write to: give one");
    const form = await oneOf("--form", args.form, FORMS);
    const { filtersOf } = await import("../lib/cli/select.ts");
    const { exportLogs: write } = await import("../lib/cooperbench/export/export.ts");
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
      out.warn(`${problems.attempts} attempts lack something: see "problems" in their lines`);
    return units.close();
  },
});

if (import.meta.main) await main(exportLogs);
