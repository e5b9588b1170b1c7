// Owns the form of a row outside the ledger: one line of JSON, bytes in base64, every value checked on its way back in.
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { Fault } from "../lib/core/fault.ts";
import { columnsOf } from "./archived.ts";
import { isJson, isReadable } from "./columns.ts";

/** A value as SQLite stores it. */
export type Value = string | number | Uint8Array | null;
export type StoredRow = Readonly<Record<string, Value>>;

/** One line of JSON without its end. */
export function lineOf(row: StoredRow): string {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/**
 * The reverse of {@link lineOf}, with a value for every column of the table. Throws Fault `bad_file` for what is no
 * object, an unknown table or column, and a value that the column cannot hold.
 */
export function rowOf(table: string, line: string): StoredRow {
  const columns = columnsOf(table);
  if (columns === undefined) throw bad(`unknown table "${table}"`);
  const given = objectOf(line);
  const known = new Set(columns.map(({ name }) => name));
  const unknown = Object.keys(given).find((name) => !known.has(name));
  if (unknown !== undefined) throw bad(`unknown column "${unknown.slice(0, 60)}" in ${table}`);
  return Object.fromEntries(columns.map((column) => [column.name, storedValue(column, given)]));
}

function objectOf(line: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw bad("a row is not JSON", error);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw bad("a row is not a JSON object");
  return { ...parsed };
}

function storedValue(column: SQLiteColumn, given: Record<string, unknown>): Value {
  const value = Object.hasOwn(given, column.name) ? given[column.name] : defaultOf(column);
  if (value === null || value === undefined) {
    if (!column.notNull) return null;
    throw bad(`column "${column.name}" lacks its value`);
  }
  const stored = FORMS[column.getSQLType()]?.(value);
  if (stored !== undefined && fits(column, stored)) return stored;
  throw bad(`column "${column.name}" cannot hold ${JSON.stringify(value).slice(0, 60)}`);
}

/** A column that came after the archive was made has its default in older rows, as in a ledger that was migrated. */
function defaultOf(column: SQLiteColumn): unknown {
  const { dataType, default: value } = column;
  if (value === undefined || value === null) return null;
  if (isJson(column)) return JSON.stringify(value);
  return dataType === "boolean" ? Number(value) : value;
}

/** By kind of column: the value to store, or undefined when it is none of the kind. */
const FORMS: Record<string, (value: unknown) => Value | undefined> = {
  text: (value) => (typeof value === "string" ? value : undefined),
  integer: (value) =>
    typeof value === "number" && Number.isSafeInteger(value) ? value : undefined,
  real: (value) => (typeof value === "number" && Number.isFinite(value) ? value : undefined),
  blob: (value) => {
    if (typeof value !== "string") return undefined;
    const bytes = Buffer.from(value, "base64");
    return bytes.toString("base64") === value ? bytes : undefined;
  },
};

/** What SQLite would take and our readers would stumble over: other words, other truths, no JSON. */
function fits(column: SQLiteColumn, stored: Value): boolean {
  if (column.dataType === "boolean") return stored === 0 || stored === 1;
  if (column.dataType === "custom") return isReadable(column, stored);
  return column.enumValues === undefined || column.enumValues.includes(String(stored));
}

function bad(problem: string, cause?: unknown): Fault {
  return new Fault("bad_file", problem, {
    hint: "archive the run again from the ledger that has it",
    cause,
  });
}
