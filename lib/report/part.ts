// Owns what a part of a report is: one object with its columns and what they mean, its rows, its texts, where the site shows it.
import type { Chart, WhoOf } from "./chart.ts";
import type { Columns } from "./columns.ts";
import type { PartContext } from "./context.ts";
import type { ReportLine, ReportTable } from "./line.ts";
import type { Source } from "./source.ts";

/** Chapters of the site's overview, in their order: each is a tab. */
export const CHAPTERS = [
  "Results",
  "Merging",
  "Talking",
  "Effort",
  "Difficulty",
  "Tasks",
  "Provenance",
] as const;
export type Chapter = (typeof CHAPTERS)[number];

/** Rows, and sentences about these rows. */
export type Made = { readonly rows: readonly ReportLine[]; readonly notes: readonly string[] };

/** A part of a report. Every table, file and page that shows it, and its documentation, is made from this object alone. */
export type Part = {
  /** Its name in `--parts`, in JSON, and of its file. */
  readonly name: string;
  /** Its title for people. */
  readonly label: string;
  /** What a reader must know to read the table. */
  readonly summary?: string;
  /** Why the part may have no rows. */
  readonly empty?: string;
  /** Columns that say what a row is about; shown again when a table goes on beside itself. */
  readonly by: readonly string[];
  /** Every column that a row may have, in their order. */
  readonly columns: Columns;
  /** What gives the numbers: printed below them on the site. */
  readonly source: readonly Source[];
  readonly rows: (
    context: PartContext,
  ) => Made | readonly ReportLine[] | Promise<Made | readonly ReportLine[]>;
  /** How the site draws rows; `who` worked on a row's run is told by the page. */
  readonly chart?: (rows: readonly ReportLine[], who: WhoOf) => Chart;
  /** How to read the drawing: shown next to it. */
  readonly legend?: string;
  /** A column with a drawing for each of its values. */
  readonly chart_by?: string;
  /** Where the site shows it; absent: nowhere. */
  readonly chapter?: Chapter;
  /** It reads every message or patch: too slow for a page that follows a run. */
  readonly slow?: true;
};

/** What a registry holds of a part: its name is the key, and its module comes when it is asked for. */
export type PartEntry = {
  readonly load: () => Promise<{ readonly part: Part }>;
  /** Shown where no part is named. */
  readonly by_default?: true;
  /** Only if verdicts are compared with those of imported logs: not among `all`. */
  readonly against?: "imported";
};
export type PartRegistry = Readonly<Record<string, PartEntry>>;

/** The part's table. */
export async function tableFor(part: Part, context: PartContext): Promise<ReportTable> {
  const made = await part.rows(context);
  return "rows" in made ? tableOf(part, made.rows, made.notes) : tableOf(part, made);
}

/** A part with rows; `notes` come after the part's own. */
export function tableOf(
  { name, label, by, summary, columns, empty = "there is nothing to show" }: Part,
  rows: readonly ReportLine[],
  notes: readonly string[] = [],
): ReportTable {
  const own = summary === undefined ? [] : [summary];
  const why_empty = `${name}: ${empty}`;
  return { name, title: label, labels: by, notes: [...own, ...notes], rows, columns, why_empty };
}
