// Owns the step `report`: pass rates with intervals, outcomes and paths, per run, repository and task.
import { POLICIES } from "../db/words.ts";
import type { Report } from "../lib/report/report.ts";
import { FILTER_ARGS, KEY_WORDS, NAME_ARG, oneOf, PLACE_ARGS } from "./_args.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";

const FORMATS = ["table", "md", "json"] as const;
const PARTS = ["runs", "outcomes", "paths", "causes", "repos", "tasks", "checks"] as const;
const TITLES: Record<(typeof PARTS)[number], string> = {
  runs: "Pass rate by run",
  outcomes: "Outcomes",
  paths: "How the passes came about",
  causes: "Where failures began",
  repos: "By repository",
  tasks: "By task",
  checks: "Checks of the dataset: tests alone must fail, gold and combined must pass",
};

export const report = defineStep({
  name: "report",
  summary: "Report pass rates with intervals, outcomes and paths",
  words: KEY_WORDS,
  args: {
    ...NAME_ARG,
    ...FILTER_ARGS,
    out: {
      type: "string",
      alias: "o",
      description: "write the report to this file",
      valueHint: "file",
    },
    policy: {
      type: "string",
      description: "naive, union, agent1 or 0.0.14: which trees may pass",
      valueHint: "policy",
      default: "union",
    },
    format: {
      type: "string",
      description: "table, md or json (default: table on a terminal, else json)",
      valueHint: "format",
    },
    parts: {
      type: "string",
      description: "which of runs,outcomes,paths,causes,repos,tasks,checks",
      valueHint: "list",
      default: "runs,outcomes,paths,causes,repos,checks",
    },
    "dataset-dir": PLACE_ARGS["dataset-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, words, out, ledger: open }) {
    const { selection } = await import("./_select.ts");
    const { report: makeReport } = await import("../lib/steps/report.ts");
    const policy = await oneOf("--policy", args.policy, POLICIES);
    const format =
      args.format === undefined
        ? out.json
          ? "json"
          : "table"
        : await oneOf("--format", args.format, FORMATS);
    const parts = await Promise.all(
      args.parts.split(",").map((part) => oneOf("--parts", part.trim(), PARTS)),
    );
    const ledger = await open();
    const selected = await selection(words, { ...args, name: undefined });
    const made = makeReport({ ledger }, { ...selected, runs: args.name?.split(","), policy });
    const text =
      format === "json"
        ? JSON.stringify(
            Object.fromEntries([["policy", policy], ...parts.map((part) => [part, made[part]])]),
          )
        : await render(made, parts, format);
    if (args.out === undefined) out.text(text);
    else await write(args.out, text);
    return 0;
  },
});

async function write(path: string, text: string): Promise<void> {
  const { writeWhole } = await import("../lib/files.ts");
  writeWhole(path, text.endsWith("\n") ? text : `${text}\n`);
}

async function render(
  made: Report,
  parts: readonly (typeof PARTS)[number][],
  format: "table" | "md",
): Promise<string> {
  const { forPeople, renderMarkdown, renderTable } = await import("../lib/report/table.ts");
  const shown = parts.filter((part) => made[part].length > 0);
  const sections = shown.map((part) => {
    const rows = forPeople(made[part]);
    const title = `${TITLES[part]} (policy ${made.policy})`;
    if (format === "md") return `## ${title}\n\n${renderMarkdown(rows)}`;
    return `${title}\n${renderTable(rows, { width: process.stdout.columns })}`;
  });
  const heading = format === "md" ? "# Tandem report\n\n" : "";
  return `${heading}${sections.join("\n")}`;
}

if (import.meta.main) await main(report);
