// Owns runs: a name bound once to a frozen configuration.
import { asc, eq, sql } from "drizzle-orm";
import { agents, attempts, faults, type RunRow, runs } from "./schema.ts";
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
    /** US dollars that a run's attempts have cost, broken ones included; unknown prices count nothing. */
    spent_usd: (run: string): number =>
      db.get<{ usd: number }>(
        sql`SELECT
          (SELECT coalesce(sum(${agents.cost_usd}), 0) FROM ${agents} JOIN ${attempts} USING (attempt_key) WHERE ${attempts.run} = ${run})
          + (SELECT coalesce(sum(${faults.cost_usd}), 0) FROM ${faults} WHERE ${faults.run} = ${run}) AS usd`,
      )?.usd ?? 0,
    all: (): RunRow[] => db.select().from(runs).orderBy(asc(runs.created_at), asc(runs.run)).all(),
  };
}
