// Owns runs: a name bound once to a frozen configuration.
import { asc, eq, sum } from "drizzle-orm";
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
      sumOf(
        db
          .select({ usd: sum(agents.cost_usd) })
          .from(agents)
          .innerJoin(attempts, eq(agents.attempt_key, attempts.attempt_key))
          .where(eq(attempts.run, run))
          .all(),
      ) +
      sumOf(
        db
          .select({ usd: sum(faults.cost_usd) })
          .from(faults)
          .where(eq(faults.run, run))
          .all(),
      ),
    all: (): RunRow[] => db.select().from(runs).orderBy(asc(runs.created_at), asc(runs.run)).all(),
  };
}

/** SQLite's sum of nothing is null, and drizzle gives sums as text. */
function sumOf(rows: readonly { usd: string | null }[]): number {
  return rows.reduce((total, { usd }) => total + Number(usd ?? 0), 0);
}
