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
  /** A condition that holds for any value when null is given. */
  const given = (name: "claim" | "delivery") =>
    sql`(${value(name)} IS NULL OR ${leases[name]} = ${value(name)})`;
  return {
    lease: db.select().from(leases).where(ofUnit).prepare(),
    say: db
      .update(leases)
      .set({ progress: sql`${value("progress")}` })
      .where(and(ofOwner, given("claim"), given("delivery")))
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
        claim: sql`${value("claim")}`,
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
        claim: sql`(SELECT coalesce(max(j.claim), 0) + 1 FROM journal j WHERE j.unit = ${value("unit")} AND j.step = ${value("step")})`,
      })
      .returning({ claim: sql<number>`claim` })
      .prepare(),
  };
}
