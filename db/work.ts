// Owns work under way: which process holds which unit, and the journal of what happened to units.
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { Fault } from "../lib/core/fault.ts";
import { resolveFaults } from "./faults.ts";
import { note, type WorkUnit } from "./journal.ts";
import { immediate, inHaste, type Writer } from "./power.ts";
import {
  type JournalRow,
  journal,
  type LeaseRow,
  leases,
  meta,
  type ProcessRow,
  processes,
  type Step,
  type UnitEvent,
  type UnitProgress,
} from "./schema.ts";
import { type Spent, spentBy } from "./spent.ts";
import type { Tables } from "./tables.ts";
import { prepare, type Statements } from "./work-statements.ts";

export type { WorkUnit } from "./journal.ts";

export type Beat = Pick<ProcessRow, "state" | "tokens" | "models"> & {
  readonly progress: readonly (Pick<WorkUnit, "unit" | "step"> & {
    readonly progress: UnitProgress;
  })[];
};
/** The answer to a claim of a unit: it is the asker's, another process's, or done. */
export type Claim = "claimed" | "held" | "done";
/** What a unit had cost, as far as it was; absent: nothing. */
type Ended = { readonly spent?: UnitProgress | undefined; readonly note?: string };

export function workStore(db: Tables) {
  // Not before they are needed: an open statement keeps the file's companions there after it was closed.
  let prepared: Statements | undefined;
  const statementsOf = () => {
    prepared ??= prepare(db);
    return prepared;
  };
  return {
    /** A process begins to work, or goes on. */
    begin(row: Pick<ProcessRow, "owner" | "pid" | "command">): void {
      const at = now();
      const fresh = { started_at: at, heartbeat_at: at, ended_at: null, state: "running" } as const;
      const blank = { ...fresh, tokens: 0, models: [] };
      db.insert(processes)
        .values({ ...row, ...blank })
        .onConflictDoUpdate({ target: processes.owner, set: { ended_at: null, heartbeat_at: at } })
        .run();
    },

    /** A process says that it is there, and how far its units are. */
    beat(owner: string, { progress, ...state }: Beat): void {
      inHaste(db, (tx) => {
        tx.update(processes)
          .set({ ...state, heartbeat_at: now() })
          .where(eq(processes.owner, owner))
          .run();
        for (const { unit, step, progress: far } of progress)
          tx.update(leases)
            .set({ progress: far })
            .where(and(ofUnit(unit, step), eq(leases.owner, owner)))
            .run();
      });
    },

    /** How far one unit is, between two heartbeats: what it has cost is not to be lost with its process. */
    say({ unit, step, progress }: Beat["progress"][number], owner: string): void {
      const values = { unit, step, owner, progress: JSON.stringify(progress) };
      inHaste(db, () => statementsOf().say.run(values));
    },

    end(owner: string): void {
      db.update(processes).set({ ended_at: now() }).where(eq(processes.owner, owner)).run();
    },

    /**
     * Asks for units, those that look free all in one transaction. A unit that a process holds stays with it until it
     * lets go or `isGone`; one that `isDone` is not given out. What a dead owner's unit had cost is recorded as lost.
     */
    claim(units: readonly WorkUnit[], asker: Asker): Claim[] {
      const statements = statementsOf();
      // A look takes no lock: most of what others have is told from what they left.
      const looks = units.map((unit) => lookAt(statements, unit, asker));
      if (!looks.includes(undefined)) return looks.map((look) => look ?? "held");
      return inHaste(db, (tx) =>
        units.map((unit, index) => looks[index] ?? claimOne(tx, { unit, asker, statements })),
      );
    },

    /** Lets go of a unit without having done it; writes down why, and what it had cost. */
    release(work: WorkUnit, owner: string, event: UnitEvent, ended: Ended = {}): void {
      immediate(db, (tx) => {
        statementsOf().drop.run({ ...work, owner });
        const { spent, ...words } = ended;
        note(tx, work, event, { owner, ...spentBy(spent), ...words });
      });
    },

    /** Lets go of everything that gone owners hold. Returns how many units that were. */
    sweep(isGone: (lease: LeaseRow) => boolean): number {
      if (db.select().from(leases).all().filter(isGone).length === 0) return 0;
      return immediate(db, (tx) => {
        const left = tx.select().from(leases).all().filter(isGone);
        for (const lease of left) lose(tx, lease);
        return left.length;
      });
    },

    /** Ends a unit whose result is kept elsewhere than in the ledger. Throws Fault `lease_lost` when it is not this owner's. */
    done: (work: WorkUnit, owner: string): void =>
      immediate(db, (tx) => finishAgain(tx, { ...work, owner })),

    /** When a unit was last done in a step. */
    doneAt: (unit: string, step: Step): string | undefined =>
      db
        .select({ at: journal.at })
        .from(journal)
        .where(and(eq(journal.unit, unit), eq(journal.step, step), eq(journal.event, "done")))
        .orderBy(desc(journal.id))
        .limit(1)
        .get()?.at,

    /** Whether a unit was ever done in a step. */
    wasDone: (unit: string, step: Step): boolean =>
      statementsOf().done.get({ unit, step }) !== undefined,
    holds: (work: WorkUnit, owner: string): boolean =>
      db
        .select({ unit: leases.unit })
        .from(leases)
        .where(and(ofUnit(work.unit, work.step), eq(leases.owner, owner)))
        .get() !== undefined,
    /** When a process last said that it is there. */
    heartbeat: (owner: string): string | undefined =>
      db
        .select({ at: processes.heartbeat_at })
        .from(processes)
        .where(eq(processes.owner, owner))
        .get()?.at,
    /** How many attempts of a run were last planned. */
    plan(run: string, attempts: number): void {
      const row = { name: `planned:${run}`, value: String(attempts) };
      db.insert(meta).values(row).onConflictDoUpdate({ target: meta.name, set: row }).run();
    },
    leases: (): LeaseRow[] => db.select().from(leases).orderBy(asc(leases.claimed_at)).all(),
    processes: (): ProcessRow[] =>
      db.select().from(processes).orderBy(asc(processes.started_at)).all(),
    journal: (run?: string): JournalRow[] =>
      db
        .select()
        .from(journal)
        .where(run === undefined ? undefined : eq(journal.run, run))
        .orderBy(asc(journal.id))
        .all(),

    /** What these runs' units under way have cost so far, as their owners last said; calls under way are not in it. */
    open: (runs: readonly string[]): Spent => {
      const part = (name: string) => sql<number>`coalesce(sum(${leases.progress} ->> ${name}), 0)`;
      const parts = { usd: part("cost_usd"), unpriced: part("unpriced"), cut_off: part("cut_off") };
      const of = inArray(leases.run, [...runs]);
      return db.select(parts).from(leases).where(of).get() ?? { usd: 0, unpriced: 0, cut_off: 0 };
    },
  };
}

type Asker = {
  readonly owner: string;
  readonly isGone: (lease: LeaseRow) => boolean;
  readonly isDone: (unit: WorkUnit) => boolean;
};
/** Held or done, as far as can be seen; undefined for a unit that looks free. */
function lookAt({ lease }: Statements, unit: WorkUnit, asker: Asker): Claim | undefined {
  const held = lease.get(unit);
  if (held) return asker.isGone(held) ? undefined : "held";
  return asker.isDone(unit) ? "done" : undefined;
}

function claimOne(
  tx: Writer,
  { unit, asker, statements }: { unit: WorkUnit; asker: Asker; statements: Statements },
): Claim {
  // One connection: what was prepared on it takes part in the transaction.
  const held = statements.lease.get(unit);
  if (held && !asker.isGone(held)) return "held";
  if (held) lose(tx, held);
  if (asker.isDone(unit)) return "done";
  const values = { ...unit, owner: asker.owner, at: now() };
  statements.take.run(values);
  statements.note.run(values);
  return "claimed";
}

function lose(tx: Writer, lease: LeaseRow): void {
  tx.delete(leases).where(ofUnit(lease.unit, lease.step)).run();
  note(tx, lease, "lost", { owner: lease.owner, ...spentBy(lease.progress) });
}

/**
 * Ends a unit as done, inside the transaction that stores its result. Throws Fault `lease_lost`, which undoes all of it,
 * when this owner no longer holds the unit.
 */
export function finish(
  tx: Writer,
  work: Omit<WorkUnit, "run">,
  { owner, anew }: { readonly owner: string; readonly anew?: string | undefined },
): void {
  const lease = assertHeld(tx, work, owner);
  tx.delete(leases)
    .where(and(ofUnit(work.unit, work.step), eq(leases.owner, owner)))
    .run();
  if (anew !== undefined) note(tx, lease, "superseded", { note: anew });
  note(tx, lease, "done", { owner });
}

/** A unit and who holds it. */
export type Lease = { readonly unit: string; readonly owner: string };

/** {@link finish} for what keeps one result only: an earlier one is superseded, its faults are overcome. */
export function finishAgain(
  tx: Writer,
  { unit, step, owner }: Lease & { readonly step: Step },
): void {
  const ever = and(eq(journal.unit, unit), eq(journal.step, step), eq(journal.event, "done"));
  const before = tx.select({ id: journal.id }).from(journal).where(ever).limit(1).get();
  finish(tx, { unit, step }, { owner, anew: before && "done again" });
  resolveFaults(tx, unit, step);
}

/** Throws Fault `lease_lost` when this owner no longer holds the unit. */
export function assertHeld(
  tx: Writer,
  { unit, step }: Omit<WorkUnit, "run">,
  owner: string,
): LeaseRow {
  const held = and(ofUnit(unit, step), eq(leases.owner, owner));
  const lease = tx.select().from(leases).where(held).get();
  if (lease) return lease;
  throw new Fault("lease_lost", `${unit} was taken over by another process`, {
    hint: "nothing to do: the other process's result counts",
  });
}

const ofUnit = (unit: string, step: Step) => and(eq(leases.unit, unit), eq(leases.step, step));

const now = () => new Date().toISOString();
