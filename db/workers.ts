// Owns what is known about workers on this and other machines that take units of a queue.
import { and, asc, eq } from "drizzle-orm";
import { type WorkerRow, workers } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** What a worker says of itself. */
export type WorkerSays = Omit<WorkerRow, "heard_at" | "ended_at">;

export function workerStore(db: Tables) {
  return {
    /** A worker was heard of just now. */
    heard(says: WorkerSays): void {
      const row = { ...says, heard_at: now(), ended_at: null };
      const { queue, worker } = workers;
      db.insert(workers)
        .values(row)
        .onConflictDoUpdate({ target: [queue, worker], set: row })
        .run();
    },
    /** A worker has ended, or the process that filled its queue has. */
    ended({ queue, worker }: Pick<WorkerRow, "queue" | "worker">): void {
      db.update(workers)
        .set({ ended_at: now(), busy: 0 })
        .where(and(eq(workers.queue, queue), eq(workers.worker, worker)))
        .run();
    },
    /** All that were ever heard of, by queue and name; those of one queue where it is named. */
    all: (queue?: string): WorkerRow[] =>
      db
        .select()
        .from(workers)
        .where(queue === undefined ? undefined : eq(workers.queue, queue))
        .orderBy(asc(workers.queue), asc(workers.worker))
        .all(),
  };
}

const now = () => new Date().toISOString();
