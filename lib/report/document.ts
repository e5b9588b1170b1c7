// Owns the page of a report's parts and their columns: made from the parts themselves.
import type { Kind } from "./columns.ts";
import type { Part, PartRegistry } from "./part.ts";
import { loadParts, PARTS } from "./parts/registry.ts";
import { RENAMED } from "./renamed.ts";

const OPENING = `# Columns of reports

Made from \`lib/report/parts/\` by \`npm run docs\`; do not edit it here.

\`report --parts\` names the parts. JSON, CSV and Parquet have all columns, numbers unrounded. People see \`x_low\` and \`x_high\` as one cell \`x\`,
\`rate_if_faults_fail\` and \`rate_if_faults_pass\` as \`if_faults\`, the two limits of steps as \`step_limit\` = agents×steps; columns that
say nothing in any row are left out for them.
`;

const KINDS: Readonly<Record<Kind, string>> = {
  text: "text",
  flag: "yes or no",
  count: "whole number",
  rate: "proportion",
  signed: "difference of proportions",
  p: "p-value",
  number: "number",
  usd: "US dollars",
  ms: "milliseconds",
};

/** The whole page as Markdown. */
export async function columnsDocument(registry: PartRegistry = PARTS): Promise<string> {
  const parts = await loadParts(registry);
  return [OPENING, contents(parts, registry), ...parts.map(section), renamed()].join("\n");
}

function contents(parts: readonly Part[], registry: PartRegistry): string {
  const rows = parts.map(({ name, label }) => {
    const { by_default, against } = registry[name] ?? {};
    const when = by_default
      ? "by default"
      : against
        ? `with \`--against ${against}\``
        : "when named";
    return [code(name), label, when];
  });
  return table(["part", "what it shows", "shown"], rows);
}

function section({ name, label, summary, columns, empty, by }: Part): string {
  const rows = Object.entries(columns).map(([column, { kind, meaning }]) => [
    code(column),
    meaning,
    KINDS[kind],
  ]);
  const words = [
    `One row per ${by.map(code).join(", ")}.`,
    ...(summary === undefined ? [] : [sentence(summary)]),
    ...(empty === undefined ? [] : [`Empty where ${empty}.`]),
  ];
  return `## ${code(name)}: ${label}\n\n${words.join(" ")}\n\n${table(["column", "what it holds", "kind"], rows)}`;
}

function renamed(): string {
  const rows = RENAMED.map(({ part, before, now }) => [code(part), code(before), code(now)]);
  return `## Renamed columns

A column's name says what it holds without the columns beside it: these had other names in earlier reports.

${table(["part", "before", "now"], rows)}`;
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}

const code = (word: string) => `\`${word}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (line: readonly string[]) => line.map((cell) => cell.replaceAll("|", "\\|"));
  const lines = [head, head.map(() => "---"), ...rows.map(cells)];
  return `${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}
