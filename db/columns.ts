// Owns the kinds of columns that tables share.
import { customType, text } from "drizzle-orm/sqlite-core";

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
