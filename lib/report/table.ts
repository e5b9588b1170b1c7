// Owns drawing rows as a table: on a terminal, and in Markdown.
import Table from "cli-table3";
import { markdownTable } from "markdown-table";

export type Cells = Readonly<Record<string, unknown>>;

const NARROWEST = 40;

/** Rows as a terminal table without lines between them; long cells are cut to keep the table within `width` columns. */
export function renderTable(
  rows: readonly Cells[],
  options: { width: number | undefined },
): string {
  const columns = columnsOf(rows);
  const texts = rows.map((row) => columns.map((column) => cellText(row[column])));
  const widths = fit(columns, texts, Math.max(NARROWEST, options.width ?? 100));
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], compact: true },
    colWidths: widths,
    head: columns,
  });
  table.push(...texts);
  return `${table.toString()}\n`;
}

/** Rows as a GitHub-flavoured Markdown table. */
export function renderMarkdown(rows: readonly Cells[]): string {
  const columns = columnsOf(rows);
  return `${markdownTable([columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))])}\n`;
}

/**
 * Rows as people read them: an interval beside its rate in one cell, and no column that is empty or 0 in every row
 * and only matters when it is not.
 */
export function forPeople(rows: readonly Cells[]): Cells[] {
  const quiet = QUIET_COLUMNS.filter((column) => rows.every((row) => !row[column]));
  return rows.map((row) => {
    const { wilson_low, wilson_high, max_steps_per_agent, max_steps_per_attempt, ...rest } = row;
    const rate =
      typeof wilson_low === "number"
        ? {
            pass_rate: `${cellText(row.pass_rate)} [${cellText(wilson_low)}, ${cellText(wilson_high)}]`,
          }
        : {};
    const limit =
      typeof max_steps_per_agent === "number" && typeof max_steps_per_attempt === "number"
        ? { step_limit: `${max_steps_per_attempt / max_steps_per_agent}×${max_steps_per_agent}` }
        : {};
    return Object.fromEntries(
      Object.entries({ ...rest, ...rate, ...limit }).filter(([column]) => !quiet.includes(column)),
    );
  });
}

const QUIET_COLUMNS = [
  "gold_ceiling",
  "not",
  "flaky",
  "model",
  "pending",
  "faults",
  "apply_failed",
  "empty",
  "cost_usd",
  "steps",
  "messages",
];

function columnsOf(rows: readonly Cells[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** What a cell shows: nothing for an absent value, three decimals for a fraction. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && !Number.isInteger(value)) return value.toFixed(3);
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** Natural widths, with the widest column cut until the table fits. */
function fit(
  columns: readonly string[],
  texts: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map(
    (column, index) =>
      2 +
      Math.max(Bun.stringWidth(column), ...texts.map((row) => Bun.stringWidth(row[index] ?? ""))),
  );
  for (;;) {
    const total = widths.reduce((sum, cell) => sum + cell, 0);
    const widest = widths.indexOf(Math.max(...widths));
    const excess = total - width;
    if (excess <= 0 || (widths[widest] ?? 0) <= 10) return widths;
    widths[widest] = Math.max(10, (widths[widest] ?? 0) - excess);
  }
}

const NO_LINES = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
    "middle",
  ].map((part) => [part, ""]),
);
