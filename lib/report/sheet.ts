// Owns how people read a report's rows: rounded numbers, intervals in one cell, empty columns gone, every n/a explained.
import { sumText } from "../core/money.ts";
import { visible } from "../core/visible.ts";
import { KEYS, NOT_KNOWN, type Style } from "./cell.ts";
import { type Columns, columnsOf, type Kind } from "./columns.ts";
import type { ReportCell, ReportLine, ReportTable } from "./line.ts";

/** A table of texts; numbers are aligned to the right. */
export type Sheet = {
  readonly name: string;
  readonly title: string;
  /** Leading columns that say what a row is about. */
  readonly labels: readonly string[];
  readonly columns: readonly {
    readonly name: string;
    readonly align: "left" | "right";
    readonly meaning?: string | undefined;
  }[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
};

const SHOWN_DIGITS = 6;
const REASONS: Readonly<Record<string, string>> = {
  "no observations": "nothing is scored",
  "one cluster": "one task or repository alone shows no error",
  "no spread": "all alike, and a width of 0 would claim certainty",
};
export type SheetOptions = {
  /** How names and cells are written; as in files when absent. */
  readonly style?: Style | undefined;
  /** Which of the columns that people see, in which order; all when absent. */
  readonly choose?: ((names: readonly string[]) => readonly string[]) | undefined;
};

/** The table as people read it; its numbers are rounded to what they can mean. */
export function sheetOf(
  table: ReportTable,
  { style = KEYS, choose = (names) => names }: SheetOptions = {},
): Sheet {
  const all = shownColumns(table, style);
  const chosen = choose(all.map(({ name }) => name));
  const shown = chosen.flatMap((name) => all.find((column) => column.name === name) ?? []);
  const rows = table.rows.map((row) => shown.map(({ write }) => write(row)));
  const missing = shown.flatMap((column, at) =>
    rows.some((row) => row[at] === NOT_KNOWN) ? whyMissing(column, table) : [],
  );
  const { name, title, labels, notes } = table;
  const columns = shown.map((column) => ({
    name: style.head(column.name, column.kind),
    align: column.align,
    meaning: meaningOf(column, table.columns ?? {}),
  }));
  const explained = missing.length === 0 ? [] : [`${NOT_KNOWN}: ${missing.join("; ")}.`];
  const names = [...all.map((column) => column.name), ...Object.keys(table.columns ?? {})];
  const said = [...notes, ...explained].map((note) => style.note(note, names));
  return harmless({
    name,
    title,
    labels: labels
      .filter((label) => chosen.includes(label))
      .map((label) => style.head(label, "text")),
    columns,
    rows,
    notes: said,
  });
}

/** The table as a user's query made it: every column, numbers as they are, empty cells for absent values. */
export function querySheet({ rows, ...about }: ReportTable): Sheet {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isNumber = (name: string) =>
    rows.every((row) => row[name] === null || typeof row[name] === "number");
  return harmless({
    ...about,
    columns: names.map((name) => ({ name, align: isNumber(name) ? "right" : "left" })),
    rows: rows.map((row) => names.map((name) => asIs(row[name]))),
  });
}

/** The sheet with what would mislead its reader shown by its code, on a terminal as in a document. */
function harmless(sheet: Sheet): Sheet {
  const { title, columns, rows, notes } = sheet;
  return {
    ...sheet,
    title: visible(title),
    columns: columns.map((column) => ({ ...column, name: visible(column.name) })),
    rows: rows.map((row) => row.map(visible)),
    notes: notes.map(visible),
  };
}

function asIs(value: ReportCell | undefined): string {
  if (typeof value === "number" && !Number.isInteger(value))
    return String(Number(value.toPrecision(SHOWN_DIGITS)));
  return value === null || value === undefined ? "" : String(value);
}

function meaningOf({ name, explained = name }: Shown, columns: Columns): string | undefined {
  return columns[explained]?.meaning.replace(/: lower bound$/, "");
}

type Shown = {
  readonly name: string;
  readonly kind: Kind;
  readonly align: "left" | "right";
  readonly write: (row: ReportLine) => string;
  /** The column that says why a value may be unknown, where it is not the one of this name. */
  readonly explained?: string;
};

function shownColumns(table: ReportTable, style: Style): Shown[] {
  const { rows, columns = {} } = table;
  const hasFaults = rows.some((row) => row.faults);
  return columnsOf(table)
    .filter((name) => !saysNothing(name, table))
    .flatMap((name): Shown | [] => {
      if (/_(high|reason)$/.test(name) || name === "max_steps_per_attempt") return [];
      if (name.endsWith("_low")) return interval(name.slice(0, -"_low".length), columns, style);
      if (name === "max_steps_per_agent") return stepLimit;
      if (name === "cost_usd" && rows.some((row) => row.cost_unknown)) return atLeast(style);
      if (name === "rate_if_faults_pass") return [];
      if (name === "rate_if_faults_fail")
        return hasFaults ? range("if_faults", FAULT_BOUNDS, style) : [];
      const kind = columns[name]?.kind ?? kindOfValues(rows.map((row) => row[name]));
      const align = kind === "text" || kind === "flag" ? "left" : "right";
      return { name, kind, align, write: (row) => style.cell(row[name], kind, name) };
    });
}

function interval(name: string, columns: Columns, style: Style): Shown {
  const kind = columns[`${name}_low`]?.kind ?? "number";
  return range(name, { low: `${name}_low`, high: `${name}_high`, kind }, style);
}

const FAULT_BOUNDS = {
  low: "rate_if_faults_fail",
  high: "rate_if_faults_pass",
  kind: "rate",
} as const;

type Range = { readonly low: string; readonly high: string; readonly kind: Kind };

function range(name: string, { low, high, kind }: Range, style: Style): Shown {
  const write = (row: ReportLine) => {
    if (row[low] === null || row[low] === undefined) return NOT_KNOWN;
    return `[${style.cell(row[low], kind, name)}, ${style.cell(row[high], kind, name)}]`;
  };
  return { name, kind, align: "right", write, explained: low };
}

/** A sum of costs that is incomplete. */
const atLeast = (style: Style): Shown => ({
  name: "cost_usd",
  kind: "usd",
  align: "right",
  write: ({ cost_usd, cost_unknown }) =>
    sumText({ known: numberIn(cost_usd), unknown: numberIn(cost_unknown) ?? 0 }, (usd) =>
      style.cell(usd, "usd", "cost_usd"),
    ),
});

function numberIn(cell: ReportCell | undefined): number | null {
  return typeof cell === "number" ? cell : null;
}

const stepLimit: Shown = {
  name: "step_limit",
  kind: "text",
  align: "right",
  write: ({ max_steps_per_agent: each, max_steps_per_attempt: all }) =>
    typeof each === "number" && typeof all === "number" ? `${all / each}×${each}` : "",
};

/** Empty in every row, or only zeros that mean nothing. */
function saysNothing(name: string, { rows, columns = {} }: ReportTable): boolean {
  const kept = rows.filter((row) => row[name] !== undefined);
  if (name.endsWith("_low")) return false;
  if (columns[name]?.hidden_if_zero === true) return kept.every((row) => !row[name]);
  return kept.every((row) => row[name] === null || row[name] === "");
}

function whyMissing(
  { name, explained = name }: Shown,
  { rows, columns = {} }: ReportTable,
): string {
  const reasons = new Set(rows.map((row) => row[`${name}_reason`]).filter((one) => one !== null));
  const said = [...reasons].flatMap((reason) => REASONS[String(reason)] ?? []);
  const why = said.length > 0 ? said.join("; ") : (columns[explained]?.missing ?? "unknown");
  return `${name} (${why})`;
}

function kindOfValues(values: readonly (ReportCell | undefined)[]): Kind {
  return values.some((value) => typeof value === "string") ? "text" : "number";
}
