// Owns the kinds of columns that tables share.
import { sql } from "drizzle-orm";
import { customType, integer, real, text } from "drizzle-orm/sqlite-core";

/** Feature numbers, kept as `1,2` so that people can write them in a query. */
export const featureList = customType<{ data: number[]; driverData: string }>({
  dataType: () => "text",
  toDriver: (features) => features.join(","),
  fromDriver: (stored) => stored.split(",").map(Number),
});
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
