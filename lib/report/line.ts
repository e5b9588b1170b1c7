// Owns what a report is made of below its parts: cells, lines, and the table of one part, ready for any format.
import type { Columns } from "./columns.ts";

/** One cell of a report: numbers are exact here, and rounded where people read them. */
export type ReportCell = string | number | boolean | null;
export type ReportLine = Readonly<Record<string, ReportCell>>;
/** Rows of one part. A part's name is also its file's. */
export type ReportTable = {
  readonly name: string;
  readonly title: string;
  /** Columns that say what a row is about. */
  readonly labels: readonly string[];
  readonly notes: readonly string[];
  readonly rows: readonly ReportLine[];
  /** What its columns mean, in their order; absent for a table that does not belong to a part, such as a query's. */
  readonly columns?: Columns | undefined;
  /** What to tell the user if it has no rows. */
  readonly why_empty?: string;
};
