// Owns what only the grid of pairs asks of the ledger: which files the patches of a pair touch.
import { sql } from "drizzle-orm";
import { text } from "drizzle-orm/sqlite-core";
import { answer, isAmong } from "./answer.ts";
import type { Tables } from "./tables.ts";

const touching = answer({ pair_key: text().notNull(), path: text().notNull() });

export function gridStore(db: Tables) {
  return {
    /** Files that any patch of a pair's attempts in the runs touches, by pair and then by path; from the root of the repository. */
    files: (runs: readonly string[]): { pair_key: string; path: string }[] =>
      touching(
        db,
        sql`SELECT DISTINCT pair_key, path FROM touched
            WHERE path IS NOT NULL AND ${isAmong(sql`run`, runs)} ORDER BY pair_key, path`,
      ),
  };
}
