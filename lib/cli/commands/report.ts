// Owns the work of `report`: tables of the results of runs in every format, a site, or the answer to a query.

import { UsageError } from "../../core/fault.ts";
import { POLICIES } from "../../core/vocabulary.ts";
import { oneOf } from "../args.ts";
import type { REPORT_FLAGS } from "../flags/report.ts";
import { lookOf } from "../report-look.ts";
import { partsOf } from "../report-parts.ts";
import { targetOf } from "../report-target.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  signal,
  ledger: open,
}: CommandContext<typeof REPORT_FLAGS>): Promise<number> {
  const target = await targetOf(args, { json: out.json });
  if (args.bundle !== undefined && target.format !== "html")
    throw new UsageError("--bundle holds a site: give --html DIR too");
  const other = (["html", "out", "format", "query"] as const).find(
    (name) => args[name] !== undefined,
  );
  if (args.figures !== undefined && other !== undefined)
    throw new UsageError(`--figures writes charts alone: omit --${other}`);
  if (args.query !== undefined) {
    const { answerQuery } = await import("../report-query.ts");
    return await answerQuery({ args, words, out, target, ledger: args.ledger });
  }
  const policy = await oneOf("--policy", args.policy, POLICIES);
  const runs = args.name?.split(",");
  if (args.figures !== undefined) {
    const { makeFigures } = await import("../report-site.ts");
    return await makeFigures({ args, words, out, open, policy, runs, path: args.figures });
  }
  if (target.format === "html") {
    const { makeSite } = await import("../report-site.ts");
    return await makeSite({ args, words, out, signal, open, policy, runs, path: target.path });
  }
  const look = await lookOf(args, target.format);
  const { parts, margin } = await partsOf(args);
  const { selection } = await import("../select.ts");
  const { reportTables } = await import("../../stages/report.ts");
  const selected = await selection(words, { ...args, name: undefined });
  const places = { ledger: await open(), dataset_dir: args["dataset-dir"] };
  const across_editions = args["across-editions"] === true;
  const wanted = { ...selected, runs, policy, parts, margin, across_editions, signal };
  const tables = await reportTables(places, wanted);
  const { writeTables } = await import("../report-write.ts");
  await writeTables(tables, {
    out,
    target,
    policy,
    look,
    named: args.parts !== undefined || args.changed === true,
  });
  return 0;
}
