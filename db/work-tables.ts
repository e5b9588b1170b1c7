// Owns the tables of work under way: processes, what they hold, what happened to units, and what finished units left.
import { blob, index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import { unitProgress } from "../lib/core/unit-progress.ts";
import { STEPS, UNIT_EVENTS } from "../lib/core/vocabulary.ts";
import { hash, json, moment, unknownCalls } from "./columns.ts";
import { ofAttempt } from "./run-tables.ts";

export type { UnitProgress } from "../lib/core/unit-progress.ts";

/** What a process says of one of its models' providers. */
export type ModelLoad = {
  readonly model: string;
  readonly in_flight: number;
  readonly limit: number;
  readonly retries: number;
  readonly last_rate_limit_at: string | null;
};

const modelLoad: z.ZodType<ModelLoad> = z.object({
  model: z.string(),
  in_flight: z.number(),
  limit: z.number(),
  retries: z.number(),
  last_rate_limit_at: z.string().nullable(),
});

/** One row per process that works or worked on units. It lives while its owner is there, whatever the clock says. */
export const processes = sqliteTable("processes", {
  /** `<host>/<process table>/<pid>/<start>`. */
  owner: text().primaryKey(),
  pid: integer().notNull(),
  command: text().notNull(),
  started_at: moment().notNull(),
  heartbeat_at: moment().notNull(),
  ended_at: moment(),
  /** `running`; `paused`: a user asked it to start no new units; `draining`: it will start no more units. */
  state: text({ enum: ["running", "paused", "draining"] }).notNull(),
  /** Model tokens of all kinds since it began, counts. */
  tokens: integer().notNull(),
  /** Of each provider: calls in flight, calls allowed at a time, retries, the last refusal. */
  models: json("processes.models", z.array(modelLoad)).notNull(),
  /** Names of the runs that it works on, as far as it has said. */
  runs: json("processes.runs", z.array(z.string())).notNull().default([]),
  /** Attempts that it makes at a time; null for a process that makes none, or has not said. */
  concurrency: integer(),
  /** The last row of `controls` that it has obeyed; 0 before the first. */
  control_id: integer().notNull().default(0),
});

/** Which worker of a queue has a unit, under which delivery of it; null for a unit that its owner works on itself. */
const handedOut = () => ({ worker: text(), delivery: text() });

/** One row per unit that a process is working on. Any process may take over a dead owner's rows. */
export const leases = sqliteTable(
  "leases",
  {
    unit: text().notNull(),
    step: text({ enum: STEPS }).notNull(),
    run: text().notNull(),
    owner: text().notNull(),
    claimed_at: moment().notNull(),
    /** How far it is, as of the owner's last heartbeat; null before the first. */
    progress: json("leases.progress", unitProgress),
    /** Number of the claim, from 1: a later claim of the unit in this step has a higher one, as long as the ledger lives; 0 in old rows. */
    claim: integer().notNull().default(0),
    ...handedOut(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.step] }),
    index("leases_by_owner").on(table.owner),
  ],
);

/** Everything that happened to units, in order; never changed. `done` twice without `superseded` between is a defect. */
export const journal = sqliteTable(
  "journal",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    at: moment().notNull(),
    run: text().notNull(),
    unit: text().notNull(),
    step: text({ enum: STEPS }).notNull(),
    event: text({ enum: UNIT_EVENTS }).notNull(),
    owner: text(),
    /** US dollars known to be gone with a unit that was stopped or lost; null in old rows, where a price was unknown. */
    cost_usd: real(),
    note: text(),
    ...unknownCalls(),
    /** Number of the claim that it happened under; null in old rows, and for what happened under none. */
    claim: integer(),
    ...handedOut(),
  },
  (table) => [
    index("journal_by_event").on(table.event, table.at),
    index("journal_by_unit").on(table.unit, table.step),
    index("journal_by_run").on(table.run),
  ],
);

/** Attempts that were done again: all their rows, and where their files went. */
export const superseded = sqliteTable(
  "superseded",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    attempt_key: text().notNull(),
    run: text().notNull(),
    /** 1 for the first of the attempt's that was superseded. */
    generation: integer().notNull(),
    reason: text().notNull(),
    outcome: text().notNull(),
    passed: integer({ mode: "boolean" }),
    /** US dollars that it is known to have cost; null in old rows, where a price was unknown. */
    cost_usd: real(),
    started_at: moment().notNull(),
    ended_at: moment().notNull(),
    superseded_at: moment().notNull(),
    /** Folder of its files, under the logs. */
    folder: text().notNull(),
    /** Its rows by table, JSON, zstd-compressed. */
    rows: blob({ mode: "buffer" }).notNull(),
    ...unknownCalls(),
  },
  (table) => [
    index("superseded_by_attempt").on(table.attempt_key),
    index("superseded_by_run").on(table.run),
  ],
);

/** One row per file of a finished attempt: `path` within its folder, SHA-256 and size as they were when it was done. */
export const artefacts = sqliteTable(
  "artefacts",
  {
    attempt_key: ofAttempt(),
    path: text().notNull(),
    sha256: hash().notNull(),
    size_bytes: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.path] })],
);
