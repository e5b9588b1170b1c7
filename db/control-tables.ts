// Owns the tables of what people ask of work under way, and of the workers on other machines that do it.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import { json, moment } from "./columns.ts";

/** How often a worker met a fault, and what it said last. */
export type WorkerFault = {
  readonly code: string;
  readonly count: number;
  readonly message: string;
  /** UTC, ISO 8601. */
  readonly last_at: string;
};

const workerFault: z.ZodType<WorkerFault> = z.object({
  code: z.string(),
  count: z.number(),
  message: z.string(),
  last_at: z.string(),
});

/** One row per worker that takes units of a queue, as the process that fills the queue last heard of it. */
export const workers = sqliteTable(
  "workers",
  {
    queue: text().notNull(),
    /** Its name: one of its own in the queue. */
    worker: text().notNull(),
    host: text().notNull(),
    pid: integer().notNull(),
    /** Version of Tandem that it runs. */
    version: text().notNull(),
    /** Units that it takes at a time. */
    slots: integer().notNull(),
    /** Units that it works on. */
    busy: integer().notNull(),
    /** Units that it has finished since it began. */
    units: integer().notNull(),
    /** Images that it has, by name. */
    images: json("workers.images", z.array(z.string())).notNull(),
    /** Faults that it has met since it began, by code. */
    faults: json("workers.faults", z.array(workerFault)).notNull(),
    /** `running`; `draining` once it takes nothing new; `refused` when it may take nothing, and `note` says why. */
    state: text({ enum: ["running", "draining", "refused"] }).notNull(),
    note: text(),
    started_at: moment().notNull(),
    /** When it was last heard of. */
    heard_at: moment().notNull(),
    ended_at: moment(),
  },
  (table) => [primaryKey({ columns: [table.queue, table.worker] })],
);

/** Everything that people asked of a study or a run while it is worked on, in order; what holds follows from all rows. */
export const controls = sqliteTable(
  "controls",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    at: moment().notNull(),
    /** Whether `name` is a study's, and so all its runs are meant, or one run's. */
    scope: text({ enum: ["study", "run"] }).notNull(),
    /** Name of the study or run. */
    name: text().notNull(),
    verb: text({ enum: ["pause", "resume", "concurrency", "cancel"] }).notNull(),
    /** Key of the attempt that it is about; null: it is about all of `name`. */
    unit: text(),
    /** Attempts at a time; null except for `concurrency`. */
    concurrency: integer(),
    /** Who asked: user and host. */
    asked_by: text().notNull(),
    /** When a process first obeyed it; null until then. */
    applied_at: moment(),
    /** The owner of that process. */
    applied_by: text(),
  },
  (table) => [index("controls_by_name").on(table.scope, table.name)],
);
