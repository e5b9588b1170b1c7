// Owns drizzle over an open ledger file: what the stores work on.
import type { Database } from "bun:sqlite";
import { drizzle } from "drizzle-orm/bun-sqlite";
import * as schema from "./schema.ts";

export type Tables = ReturnType<typeof connect>;

export function connect(database: Database) {
  return drizzle({ client: database, schema });
}
