// Owns the step `report`: tables of what runs came to, in every format, a site of pages, or the answer to a query.

import { FILTER_ARGS, KEY_WORDS, NAME_ARG, oneOf, PLACE_ARGS } from "../lib/cli/args.ts";
import { AGAINST, partsOf } from "../lib/cli/report-parts.ts";
import { FORMATS, targetOf } from "../lib/cli/report-target.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";
import { DEFAULT_POLICY, POLICIES } from "../lib/core/vocabulary.ts";
import { DEFAULT_PARTS } from "../lib/report/parts/registry.ts";

export const report = defineStep({
  name: "report",
  summary: "Report rates with intervals, outcomes and comparisons: tables, files, or a site",
  words: KEY_WORDS,
  reads: () => "read",
  args: {
    ...NAME_ARG,
    ...FILTER_ARGS,
    out: {
      type: "string",
      alias: "o",
      description:
        "write to this file, or a file a part into this folder; its ending is the format",
      valueHint: "file",
    },
    policy: {
      type: "string",
      description: `${POLICIES.join(", ")}: which trees may pass, and whose verdict`,
      valueHint: "policy",
      default: DEFAULT_POLICY,
    },
    format: {
      type: "string",
      description: `${FORMATS.join(", ")} (default: table on a terminal, else json)`,
      valueHint: "format",
    },
    parts: {
      type: "string",
      description: `which parts, or all (default: ${DEFAULT_PARTS.join(",")})`,
      valueHint: "list",
    },
    margin: {
      type: "string",
      description: "comparisons: points of difference that count as none (default: 5)",
      valueHint: "points",
    },
    "across-editions": {
      type: "boolean",
      description: "compare pairs too whose task files differ between runs, and say which",
    },
    against: {
      type: "string",
      description: `${AGAINST.join(", ")}: where verdicts of imported logs differ from ours`,
      valueHint: "whose",
    },
    query: {
      type: "string",
      description: "answer this query instead: a file with one SELECT, or a name of db/queries",
      valueHint: "file.sql",
    },
    html: {
      type: "string",
      description: "write a site of pages into this folder",
      valueHint: "folder",
    },
    "dataset-dir": PLACE_ARGS["dataset-dir"],
    "log-dir": PLACE_ARGS["log-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger: open }) {
    const target = await targetOf(args, { json: out.json });
    if (args.query !== undefined) {
      const { answerQuery } = await import("../lib/cli/report-query.ts");
      return await answerQuery({ args, words, out, target, ledger: args.ledger });
    }
    const policy = await oneOf("--policy", args.policy, POLICIES);
    const runs = args.name?.split(",");
    if (target.format === "html") {
      const { makeSite } = await import("../lib/cli/report-site.ts");
      return await makeSite({ args, words, out, signal, open, policy, runs, folder: target.path });
    }
    const { parts, margin } = await partsOf(args);
    const { selection } = await import("../lib/cli/select.ts");
    const { reportTables } = await import("../lib/stages/report.ts");
    const selected = await selection(words, { ...args, name: undefined });
    const places = { ledger: await open(), dataset_dir: args["dataset-dir"] };
    const across_editions = args["across-editions"] === true;
    const wanted = { ...selected, runs, policy, parts, margin, across_editions, signal };
    const tables = await reportTables(places, wanted);
    const { writeTables } = await import("../lib/cli/report-write.ts");
    await writeTables(tables, { out, target, policy, named: args.parts !== undefined });
    return 0;
  },
});

if (import.meta.main) await main(report);
