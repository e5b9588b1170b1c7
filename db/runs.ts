// Owns runs: a name bound once to a frozen configuration.
import { asc, eq } from "drizzle-orm";
import { type RunRow, runs } from "./schema.ts";
import type { Tables } from "./tables.ts";

export function runStore(db: Tables) {
  const find = (run: string): RunRow | undefined =>
    db.select().from(runs).where(eq(runs.run, run)).get();
  return {
    find,
    /** Stores the run unless its name is taken, and returns the row that is stored. */
    put(row: RunRow): RunRow {
      db.insert(runs).values(row).onConflictDoNothing().run();
      return find(row.run) ?? row;
    },
    all: (): RunRow[] => db.select().from(runs).orderBy(asc(runs.created_at), asc(runs.run)).all(),
  };
}
