// Owns what is asked of the ledger for every single claim, and between heartbeats: statements that are made once.
import { and, eq, sql } from "drizzle-orm";
import { journal, leases } from "./schema.ts";
import type { Tables } from "./tables.ts";

export type Statements = ReturnType<typeof prepare>;

/** What is asked for every single claim. */
export function prepare(db: Tables) {
  const value = sql.placeholder;
  const ofUnit = and(eq(leases.unit, value("unit")), eq(leases.step, value("step")));
  const ofOwner = and(ofUnit, eq(leases.owner, value("owner")));
  return {
    lease: db.select().from(leases).where(ofUnit).prepare(),
    drop: db.delete(leases).where(ofOwner).prepare(),
    say: db
      .update(leases)
      .set({ progress: sql`${value("progress")}` })
      .where(ofOwner)
      .prepare(),
    done: db
      .select({ id: journal.id })
      .from(journal)
      .where(
        and(
          eq(journal.unit, value("unit")),
          eq(journal.step, value("step")),
          eq(journal.event, "done"),
        ),
      )
      .prepare(),
    take: db
      .insert(leases)
      .values({
        unit: value("unit"),
        step: value("step"),
        run: value("run"),
        owner: value("owner"),
        claimed_at: value("at"),
      })
      .prepare(),
    note: db
      .insert(journal)
      .values({
        at: value("at"),
        run: value("run"),
        unit: value("unit"),
        step: value("step"),
        event: "claimed",
        owner: value("owner"),
        cost_usd: 0,
      })
      .prepare(),
  };
}
