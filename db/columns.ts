// Owns the kinds of columns that tables share.
import { getTableName, sql } from "drizzle-orm";
import { customType, integer, real, type SQLiteColumn, text } from "drizzle-orm/sqlite-core";
import type { z } from "zod";
import { damagedValue } from "../lib/core/fault.ts";

const FEATURES = /^\d+(,\d+)*$/;
/** Feature numbers, kept as `1,2` so that people can write them in a query. */
export const featureList = customType<{ data: number[]; driverData: string }>({
  dataType: () => "text",
  toDriver: (features) => features.join(","),
  fromDriver(stored) {
    if (!FEATURES.test(stored)) throw damagedValue("a list of features", stored);
    return stored.split(",").map(Number);
  },
});
/**
 * JSON of a known form: parsed once, on its way out of the ledger. `place` names table and column. Reading throws Fault
 * `ledger_unreadable` for what is not JSON, or not of the form.
 */
export function json<Value>(place: string, form: z.ZodType<Value>) {
  const column = customType<{ data: Value; driverData: string }>({
    dataType: () => "text",
    toDriver: (value) => JSON.stringify(value),
    fromDriver(stored) {
      try {
        return form.parse(JSON.parse(stored));
      } catch (error) {
        throw damagedValue(place, stored, error);
      }
    },
  });
  PLACES.add(place);
  return column();
}
const PLACES = new Set<string>();

/** Whether a column holds JSON. */
export function isJson(column: SQLiteColumn): boolean {
  return PLACES.has(`${getTableName(column.table)}.${column.name}`);
}

/** Whether a value can be read from a column: JSON of its form, numbers of features, and anything where SQLite says all. */
export function isReadable(column: SQLiteColumn, stored: unknown): boolean {
  try {
    column.mapFromDriverValue(stored);
    return true;
  } catch {
    return false;
  }
}

/** The order of a table's feature lists and tries by number, for ORDER BY: 1,2 before 1,10. */
export function byFeatures(table: "attempts" | "o") {
  const [features, again] = [sql.raw(`${table}.features`), sql.raw(`${table}.try`)];
  return sql`
    CAST(${features} AS INTEGER), CAST(substr(${features}, instr(${features}, ',') + 1) AS INTEGER),
    length(${features}), ${features}, ${again}`;
}
/** UTC, ISO 8601. */
export const moment = () => text();
/** SHA-256 in lowercase hex. */
export const hash = () => text();
/**
 * Calls whose cost no sum beside them holds: those answered at an unknown price, and those cut off before their answer was
 * whole; and what a budget reckons one of these at: the dearest call that is known, US dollars.
 */
export const unknownCalls = () => ({
  unpriced: integer().notNull().default(0),
  cut_off: integer().notNull().default(0),
  dearest_usd: real(),
});
