// Owns the record of the laboratory's failures.
import { and, asc, eq, gte, isNull } from "drizzle-orm";
import { note } from "./journal.ts";
import { type FaultRow, faults, type UnitProgress } from "./schema.ts";
import { spentBy } from "./spent.ts";
import type { Tables } from "./tables.ts";

export type FaultStep = FaultRow["step"];

export function faultStore(db: Tables) {
  return {
    /** Keeps a fault, with what its unit had cost until then. */
    add(row: typeof faults.$inferInsert, spent?: UnitProgress): void {
      const cost = spent === undefined ? {} : spentBy(spent);
      db.insert(faults)
        .values({ ...row, ...cost })
        .run();
    },
    /** Asks for units with these faults to be tried again at once. */
    requeue(ids: readonly number[]): void {
      const requeued_at = new Date().toISOString();
      db.transaction((tx) => {
        for (const id of ids) {
          tx.update(faults).set({ requeued_at }).where(eq(faults.id, id)).run();
          const fault = tx.select().from(faults).where(eq(faults.id, id)).get();
          if (fault) note(tx, fault, "requeued", { note: fault.code });
        }
      });
    },
    /** Units whose fault in a step, met since then, was queued again. */
    requeued(step: FaultStep, since: string): Set<string> {
      const rows = db
        .select({ unit: faults.unit })
        .from(faults)
        .where(
          and(eq(faults.step, step), gte(faults.requeued_at, since), isNull(faults.resolved_at)),
        )
        .all();
      return new Set(rows.map(({ unit }) => unit));
    },
    /** Faults whose unit has not succeeded since, newest last. */
    open(): FaultRow[] {
      return db
        .select()
        .from(faults)
        .where(isNull(faults.resolved_at))
        .orderBy(asc(faults.id))
        .all();
    },
  };
}

/** Marks the faults of a unit in a step as overcome. */
export function resolveFaults(db: Pick<Tables, "update">, unit: string, step: FaultStep): void {
  db.update(faults)
    .set({ resolved_at: new Date().toISOString() })
    .where(and(eq(faults.unit, unit), eq(faults.step, step), isNull(faults.resolved_at)))
    .run();
}
