// Owns reading CSV as RFC 4180 has it.
import { UsageError } from "../core/fault.ts";

/** One record, with the line it begins in. */
export type CsvRecord = { readonly line: number; readonly cells: readonly string[] };

/** A quoted cell, or an unquoted one, and what ends it. A quote inside quotes is doubled. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/**
 * Records of a text; lines end with LF or CRLF, empty ones are skipped. Throws UsageError for a quote that is not
 * closed or is inside an unquoted cell. Source: RFC 4180.
 */
export function csvRecords(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let [at, line, begun, cells]: [number, number, number, string[]] = [0, 1, 1, []];
  while (at < text.length || cells.length > 0) {
    CELL.lastIndex = at;
    const match = CELL.exec(text);
    if (match === null) throw new UsageError(`line ${line}: a quote is out of place`);
    const [whole, quoted, bare = "", end] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? bare);
    at += whole.length;
    line += whole.split("\n").length - 1;
    if (end === ",") continue;
    if (cells.length > 1 || cells[0] !== "" || quoted !== undefined)
      records.push({ line: begun, cells });
    [begun, cells] = [line, []];
  }
  return records;
}
