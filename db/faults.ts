// Owns the record of the laboratory's failures.
import { and, asc, eq, isNull } from "drizzle-orm";
import { type FaultRow, faults } from "./schema.ts";
import type { Tables } from "./tables.ts";

export type FaultStep = FaultRow["step"];

export function faultStore(db: Tables) {
  return {
    add(row: typeof faults.$inferInsert): void {
      db.insert(faults).values(row).run();
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
