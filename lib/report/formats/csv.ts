// Owns CSV as RFC 4180 has it.
import { columnsOf } from "../columns.ts";
import type { ReportCell, ReportTable } from "../line.ts";

/**
 * Rows with a heading line, CRLF at the end of each, numbers unrounded. An absent value is an empty cell, an empty text
 * `""`. Empty for no rows: their columns are not known. Source: RFC 4180.
 */
export function csv(table: Pick<ReportTable, "rows" | "columns">): string {
  const { rows } = table;
  const columns = columnsOf(table);
  const lines = rows.map((row) => columns.map((column) => field(row[column] ?? null)));
  const heads = columns.map(field);
  return [...(rows.length === 0 ? [] : [heads]), ...lines]
    .map((cells) => `${cells.join(",")}\r\n`)
    .join("");
}

function field(value: ReportCell): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
