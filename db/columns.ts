// Owns the kinds of columns that tables share.
import { customType, integer, real, text } from "drizzle-orm/sqlite-core";

/** Feature numbers, kept as `1,2` so that people can write them in a query. */
export const featureList = customType<{ data: number[]; driverData: string }>({
  dataType: () => "text",
  toDriver: (features) => features.join(","),
  fromDriver: (stored) => stored.split(",").map(Number),
});
/** UTC, ISO 8601. */
export const moment = () => text();
/** SHA-256 in lowercase hex. */
export const hash = () => text();
/**
 * Calls whose cost no sum beside them holds: those answered at a price nobody knows, and those cut off before their answer was
 * whole; and what a budget reckons one of these at: the dearest call that is known, US dollars.
 */
export const unknownCalls = () => ({
  unpriced: integer().notNull().default(0),
  cut_off: integer().notNull().default(0),
  dearest_usd: real(),
});
