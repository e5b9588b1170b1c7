// Owns tables as papers have them: words in place of keys, percent in place of fractions, the columns and intervals one chose.
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { NOT_KNOWN, type Style, writeCell } from "./cell.ts";
import type { Kind } from "./columns.ts";
import type { ReportCell, ReportTable } from "./line.ts";
import { sheetOf } from "./sheet.ts";

/** Names whose words would not be found by reading the key aloud. */
const HEADS: Readonly<Record<string, string>> = {
  by_task: "95 % CI, by task",
  by_repo: "95 % CI, by repository",
  wilson: "95 % CI, Wilson",
  conflict_by_task: "95 % CI of conflicts, by task",
  conflict_wilson: "95 % CI of conflicts, Wilson",
  if_faults: "If faults fail, pass",
  repo: "Repository",
  conflicts: "Merge conflicts",
  conflict_rate: "Merge conflict rate",
  pairs: "Attempts",
  pass_at_k: "pass@k",
  q1: "Q1",
  q3: "Q3",
};
/** What a key ends in, when that is a unit. */
const UNITS: Readonly<Record<string, string>> = { usd: "USD", ms: "ms" };
/** What numbers of a kind are written in. */
const WRITTEN_IN: Readonly<Partial<Record<Kind, string>>> = { rate: "%", signed: "pp" };
/** Columns whose texts are Tandem's own words, not names that somebody gave. */
const WORDED = new Set(
  "setting outcome path cause verdict kind merge check act mark group unit trait patches differs".split(
    " ",
  ),
);
const WORDS: Readonly<Record<string, string>> = {
  conflict: "Merge conflict",
  conflicts: "Merge conflict",
  clean: "Clean merge",
  union: "Union merge",
};

/** `pass_rate` is `Pass rate (%)`, `0.4615` is `46.2`, `conflict` is `Merge conflict`. */
export const PAPER: Style = {
  cell: (value, kind, column) =>
    value === null || value === undefined ? missing(kind) : cellOf(value, kind, column),
  head: (column, kind) => {
    const unit = UNITS[column.split("_").at(-1) ?? ""];
    const key = unit === undefined ? column : column.slice(0, column.lastIndexOf("_"));
    const inside = unit ?? WRITTEN_IN[kind];
    return `${HEADS[key] ?? sentence(key)}${inside === undefined ? "" : ` (${inside})`}`;
  },
  note(text, columns) {
    const keys = columns.filter((column) => column.includes("_"));
    const longest = keys.toSorted((a, b) => b.length - a.length);
    const said = longest.reduce((all, key) => all.replaceAll(key, key.replaceAll("_", " ")), text);
    return said.startsWith(NOT_KNOWN) ? said : said.charAt(0).toUpperCase() + said.slice(1);
  },
};

function missing(kind: Kind): string {
  return kind === "text" ? "" : NOT_KNOWN;
}

function cellOf(value: NonNullable<ReportCell>, kind: Kind, column: string): string {
  if (typeof value === "string") {
    if (column === "repo") return value.replace(/_task$/, "").replaceAll("_", " ");
    return WORDED.has(column) ? (WORDS[value] ?? sentence(value)) : value;
  }
  if (typeof value === "number" && kind === "rate") return (100 * value).toFixed(1);
  if (typeof value === "number" && kind === "signed")
    return `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;
  return writeCell(value, kind);
}

function sentence(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The kinds of intervals that tables have side by side, as their columns' names end. */
export const INTERVALS = ["wilson", "by_task", "by_repo"] as const;
export type IntervalName = (typeof INTERVALS)[number];

export type Choice = {
  /** Columns by their names in files, in this order; all when absent. */
  readonly columns?: readonly string[] | undefined;
  /** Which of {@link INTERVALS} stay; all when absent. */
  readonly intervals?: readonly IntervalName[] | undefined;
};

/** Of a part's columns those that were chosen; none where nothing but labels would stay. */
export function chooserOf(labels: readonly string[], { columns, intervals }: Choice) {
  return (names: readonly string[]): readonly string[] => {
    if (columns === undefined) return names.filter((name) => isKept(name, intervals));
    const wanted = columns.filter((name) => names.includes(name));
    return wanted.every((name) => labels.includes(name)) ? [] : wanted;
  };
}

/** Throws UsageError for a column that none of the tables has, naming the nearest. */
export function checkColumns(columns: readonly string[], tables: readonly ReportTable[]): void {
  const known = tables.flatMap((table) => [
    ...sheetOf(table).columns.map(({ name }) => name),
    ...Object.keys(table.columns ?? {}).map((name) => name.replace(/_low$/, "")),
  ]);
  const unknown = columns.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--columns: ${unknownName("column", unknown, known)}`);
}

function isKept(name: string, intervals: Choice["intervals"]): boolean {
  const kind = INTERVALS.find((one) => name === one || name.endsWith(`_${one}`));
  return kind === undefined || intervals === undefined || intervals.includes(kind);
}
