// Owns runs: a name bound once to a frozen configuration.
import { asc, eq, inArray, sum } from "drizzle-orm";
import { agents, attempts, faults, journal, type RunRow, runs, superseded } from "./schema.ts";
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
    /**
     * US dollars that runs have cost: their attempts, those that were done again, and those that broke, were stopped or
     * were lost with their process. Unknown prices count nothing.
     */
    spent_usd: (...names: string[]): number =>
      sumOf(
        db
          .select({ usd: sum(agents.cost_usd) })
          .from(agents)
          .innerJoin(attempts, eq(agents.attempt_key, attempts.attempt_key))
          .where(inArray(attempts.run, names))
          .all(),
      ) +
      [faults, superseded, journal].reduce(
        (total, table) =>
          total +
          sumOf(
            db
              .select({ usd: sum(table.cost_usd) })
              .from(table)
              .where(inArray(table.run, names))
              .all(),
          ),
        0,
      ),
    all: (): RunRow[] => db.select().from(runs).orderBy(asc(runs.created_at), asc(runs.run)).all(),
  };
}

/** SQLite's sum of nothing is null, and drizzle gives sums as text. */
function sumOf(rows: readonly { usd: string | null }[]): number {
  return rows.reduce((total, { usd }) => total + Number(usd ?? 0), 0);
}
