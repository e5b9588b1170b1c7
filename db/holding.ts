// Owns who holds a unit: under which claim and delivery, how that is checked, and how it ends as done or lost.
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { Fault } from "../lib/core/fault.ts";
import { resolveFaults } from "./faults.ts";
import { note, type WorkUnit } from "./journal.ts";
import type { Writer } from "./power.ts";
import { journal, type LeaseRow, leases, type Step, type UnitProgress } from "./schema.ts";
import { spentBy, type UnitSpent } from "./spent.ts";

/**
 * Who holds a unit. What names a claim, or a delivery to a worker, is refused where another one is current: a result that
 * comes late, or a second time, finds another claim, another delivery, or no lease.
 */
export type Holder = {
  readonly owner: string;
  readonly claim?: number;
  readonly delivery?: string;
};
/** A unit and who holds it. */
export type Lease = Holder & { readonly unit: string };
/** A worker of a queue, and which delivery of a unit to it is meant: no two deliveries have the same one. */
export type Delivery = { readonly worker: string; readonly delivery: string };

export const ofUnit = (unit: string, step: Step) =>
  and(eq(leases.unit, unit), eq(leases.step, step));

/** The lease, where this holder has it. */
export const heldBy = ({ unit, step }: Omit<WorkUnit, "run">, holder: Holder) =>
  and(
    ofUnit(unit, step),
    eq(leases.owner, holder.owner),
    holder.claim === undefined ? undefined : eq(leases.claim, holder.claim),
    holder.delivery === undefined ? undefined : eq(leases.delivery, holder.delivery),
  );

/**
 * Ends a unit as done, inside the transaction that stores its result. Throws Fault `lease_lost`, which undoes all of it,
 * when this holder no longer holds the unit.
 */
export function finish(
  tx: Writer,
  work: Omit<WorkUnit, "run">,
  { anew, ...holder }: Holder & { readonly anew?: string | undefined },
): void {
  const lease = assertHeld(tx, work, holder);
  tx.delete(leases).where(heldBy(work, holder)).run();
  const { owner, claim, worker, delivery } = lease;
  if (anew !== undefined) note(tx, lease, "superseded", { note: anew });
  note(tx, lease, "done", { owner, claim, worker, delivery });
}

/** {@link finish} for what keeps one result only: an earlier one is superseded, its faults are overcome. */
export function finishAgain(
  tx: Writer,
  { unit, step, ...holder }: Lease & { readonly step: Step },
): void {
  const ever = and(eq(journal.unit, unit), eq(journal.step, step), eq(journal.event, "done"));
  const before = tx.select({ id: journal.id }).from(journal).where(ever).limit(1).get();
  finish(tx, { unit, step }, { ...holder, anew: before && "done again" });
  resolveFaults(tx, unit, step);
}

/** Throws Fault `lease_lost` when this holder no longer holds the unit. */
export function assertHeld(tx: Writer, work: Omit<WorkUnit, "run">, holder: Holder): LeaseRow {
  const lease = tx.select().from(leases).where(heldBy(work, holder)).get();
  if (lease) return lease;
  throw new Fault("lease_lost", `${work.unit} was taken over by another process`, {
    hint: "nothing to do: the other process's result counts",
  });
}

/** Ends the lease of an owner that is gone: what the unit had cost, as far as it was said, is lost. */
export function lose(tx: Writer, lease: LeaseRow): void {
  tx.delete(leases).where(ofUnit(lease.unit, lease.step)).run();
  note(tx, lease, "lost", { ...lease, ...spentBy(lease.progress) });
}

/**
 * Notes that a unit was delivered to a worker. What an earlier delivery under the same claim had cost is lost: its result
 * is refused from now on. Throws Fault `lease_lost` when the holder no longer holds the unit.
 */
export function deliver(
  tx: Writer,
  work: Omit<WorkUnit, "run">,
  { worker, delivery, ...holder }: Omit<Holder, "delivery"> & Delivery,
): void {
  const lease = assertHeld(tx, work, holder);
  if (lease.delivery === delivery) return;
  if (lease.delivery !== null)
    note(tx, lease, "lost", { ...lease, ...spentBy(lease.progress), note: "delivered again" });
  tx.update(leases).set({ worker, delivery, progress: null }).where(heldBy(work, holder)).run();
}

/**
 * Keeps what a try at a unit has cost that was refused: whatever the journal does not yet have of it as lost under its
 * claim and delivery. Saying it twice adds nothing.
 */
export function loseRest(
  tx: Writer,
  work: WorkUnit,
  { spent, ...of }: Holder & { readonly worker?: string; readonly spent: UnitProgress },
): void {
  const [all, known] = [spentBy(spent), lostOf(tx, work, of)];
  const rest: UnitSpent = {
    cost_usd: Math.max(0, (all.cost_usd ?? 0) - known.cost_usd),
    unpriced: Math.max(0, all.unpriced - known.unpriced),
    cut_off: Math.max(0, all.cut_off - known.cut_off),
    dearest_usd: all.dearest_usd,
  };
  if (rest.cost_usd === 0 && rest.unpriced === 0 && rest.cut_off === 0) return;
  note(tx, work, "lost", { ...of, ...rest, note: "its result came too late" });
}

function lostOf(tx: Writer, { unit, step }: WorkUnit, { owner, claim, delivery }: Holder) {
  const sum = (column: "cost_usd" | "unpriced" | "cut_off") =>
    sql<number>`coalesce(sum(${journal[column]}), 0)`;
  const parts = { cost_usd: sum("cost_usd"), unpriced: sum("unpriced"), cut_off: sum("cut_off") };
  const ofTry = and(
    ...[eq(journal.unit, unit), eq(journal.step, step), eq(journal.owner, owner)],
    inArray(journal.event, ["lost", "stopped"]),
    claim === undefined ? undefined : eq(journal.claim, claim),
    delivery === undefined ? isNull(journal.delivery) : eq(journal.delivery, delivery),
  );
  const nothing = { cost_usd: 0, unpriced: 0, cut_off: 0 };
  return tx.select(parts).from(journal).where(ofTry).get() ?? nothing;
}
