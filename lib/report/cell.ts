// Owns how a cell of a report is written for people, and the names above it: as in files, unless another style is given.
import { amountText } from "../core/money.ts";
import type { Kind } from "./columns.ts";
import type { ReportCell } from "./line.ts";

export const NOT_KNOWN = "n/a";

/** How a table for people names its columns, and writes its cells and notes. */
export type Style = {
  readonly cell: (value: ReportCell | undefined, kind: Kind, column: string) => string;
  readonly head: (column: string, kind: Kind) => string;
  readonly note: (text: string, columns: readonly string[]) => string;
};

/** Names as in files; numbers rounded to what they can mean. */
export const KEYS: Style = {
  cell: (value, kind) => writeCell(value, kind),
  head: (column) => column,
  note: (text) => text,
};

/** A number written short: three decimals for proportions, p below .001 as such, cents, whole counts. */
export function writeCell(value: ReportCell | undefined, kind: Kind): string {
  if (value === null || value === undefined) return kind === "text" ? "" : NOT_KNOWN;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  if (kind === "p") return value < 0.0005 ? "<.001" : value.toFixed(3);
  if (kind === "rate") return value.toFixed(3);
  if (kind === "signed") return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
  if (kind === "usd") return amountText(value);
  if (Number.isInteger(value)) return String(value);
  if (kind === "count" || kind === "ms") return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 3);
}
