// Owns work under way: which process holds which unit, and the journal of what happened to units.
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import type { Delivery, Holder } from "./holding.ts";
import * as holding from "./holding.ts";
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

export type { Delivery, Holder } from "./holding.ts";
export type { WorkUnit } from "./journal.ts";

export type Beat = Pick<ProcessRow, "state" | "tokens" | "models"> &
  Partial<Pick<ProcessRow, "runs" | "concurrency" | "control_id">> & {
    readonly progress: readonly (Pick<WorkUnit, "unit" | "step"> & {
      readonly progress: UnitProgress;
    })[];
  };
/** The answer to a claim of a unit: its number when it is the asker's, or that it is another process's, or done. */
export type Claim = number | "held" | "done";
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
            .where(holding.heldBy({ unit, step }, { owner }))
            .run();
      });
    },

    /** A process says which runs it works on, without waiting for its next heartbeat. */
    works(
      owner: string,
      { runs, concurrency, control_id }: Pick<ProcessRow, "runs" | "concurrency" | "control_id">,
    ): void {
      const set = { runs, concurrency, control_id };
      inHaste(db, (tx) => tx.update(processes).set(set).where(eq(processes.owner, owner)).run());
    },

    /** How far one unit is, between two heartbeats: what it has cost is not to be lost with its process. */
    say({ unit, step, progress }: Beat["progress"][number], holder: Holder): void {
      const { owner, claim = null, delivery = null } = holder;
      const values = { unit, step, owner, claim, delivery, progress: JSON.stringify(progress) };
      inHaste(db, () => statementsOf().say.run(values));
    },

    /** Notes that a worker has a unit: an earlier delivery is void, its cost is lost. Throws Fault `lease_lost` for another's unit. */
    deliver: (work: WorkUnit, to: Omit<Holder, "delivery"> & Delivery): void =>
      immediate(db, (tx) => holding.deliver(tx, work, to)),

    /** Keeps what a try that was refused has cost, beyond what is known; saying it again adds nothing. */
    loseRest: (
      work: WorkUnit,
      of: Holder & { readonly worker?: string; readonly spent: UnitProgress },
    ): void => immediate(db, (tx) => holding.loseRest(tx, work, of)),

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

    /** Lets go of a unit without having done it; writes down why, and what it had cost. Of another's by now: only the cost. */
    release(work: WorkUnit, holder: Holder, event: UnitEvent, ended: Ended = {}): void {
      immediate(db, (tx) => {
        const { spent, ...words } = ended;
        const where = holding.heldBy(work, holder);
        const lease = tx.select().from(leases).where(where).get();
        if (lease === undefined) {
          if (spent !== undefined) holding.loseRest(tx, work, { ...holder, spent });
          return;
        }
        tx.delete(leases).where(where).run();
        note(tx, work, event, { ...lease, ...spentBy(spent), ...words });
      });
    },

    /** Lets go of everything that gone owners hold. Returns how many units that were. */
    sweep(isGone: (lease: LeaseRow) => boolean): number {
      if (db.select().from(leases).all().filter(isGone).length === 0) return 0;
      return immediate(db, (tx) => {
        const left = tx.select().from(leases).all().filter(isGone);
        for (const lease of left) holding.lose(tx, lease);
        return left.length;
      });
    },

    /** Ends a unit whose result is kept elsewhere than in the ledger. Throws Fault `lease_lost` when it is not this holder's. */
    done: (work: WorkUnit, holder: Holder): void =>
      immediate(db, (tx) => holding.finishAgain(tx, { ...work, ...holder })),

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
    holds: (work: WorkUnit, holder: Holder): boolean =>
      db.select({ unit: leases.unit }).from(leases).where(holding.heldBy(work, holder)).get() !==
      undefined,
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
  if (held) holding.lose(tx, held);
  if (asker.isDone(unit)) return "done";
  const values = { ...unit, owner: asker.owner, at: now() };
  const { claim } = statements.note.get(values);
  statements.take.run({ ...values, claim });
  return claim;
}

const now = () => new Date().toISOString();
