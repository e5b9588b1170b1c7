// Owns the kinds of columns that tables share.
import { sql } from "drizzle-orm";
import { customType, text } from "drizzle-orm/sqlite-core";

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
