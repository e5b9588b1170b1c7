// Owns what a look at work under way reads: counts and costs by run, leases and processes; never steps, calls or any bulk.
import { inArray, isNull, type SQL, sql } from "drizzle-orm";
import { integer, real, text } from "drizzle-orm/sqlite-core";
import { SETTINGS, STEPS } from "../lib/core/vocabulary.ts";
import { answer, type RowOf } from "./answer.ts";
import { type LeaseRow, leases, type ProcessRow, processes } from "./schema.ts";
import { spentParts } from "./spent.ts";
import type { Tables } from "./tables.ts";

const runCounts = answer({
  run: text().notNull(),
  setting: text({ enum: SETTINGS }).notNull(),
  agent: text().notNull(),
  model: text(),
  done: integer().notNull(),
  merged: integer().notNull(),
  evaluated: integer().notNull(),
  passed: integer().notNull(),
});
/** One row a run, in the order they were made. `evaluated` and `passed` are under `union`, without units that broke since. */
export type RunCounts = RowOf<typeof runCounts>;

const spentOnRun = answer({
  run: text().notNull(),
  usd: real().notNull(),
  unpriced: integer().notNull(),
});
/** US dollars; `unpriced` counts the calls whose cost is unknown, those that were cut off among them: they are not in the sum. */
export type SpentOnRun = RowOf<typeof spentOnRun>;

const openFault = answer({ run: text().notNull(), unit: text().notNull(), code: text().notNull() });
export type OpenFault = RowOf<typeof openFault>;

const doneCount = answer({
  run: text().notNull(),
  step: text({ enum: STEPS }).notNull(),
  units: integer().notNull(),
});
export type DoneCount = RowOf<typeof doneCount>;

const planned = answer({ run: text().notNull(), n: integer().notNull() });
/** Runs that are looked at; all when undefined. */
type Runs = readonly string[] | undefined;

export type StatusStore = ReturnType<typeof statusStore>;

export function statusStore(db: Tables) {
  return {
    /** All reads of `read` see the ledger of one moment. */
    atOnce: <T>(read: () => T): T => db.transaction(read),

    /** How many attempts somebody last set out to make, by run. */
    planned: (): Map<string, number> =>
      new Map(
        planned(
          db,
          sql`SELECT substr(name, 9) AS run, CAST(value AS INTEGER) AS n FROM meta WHERE name LIKE 'planned:%'`,
        ).map(({ run, n }) => [run, n]),
      ),

    counts: (wanted: Runs): RunCounts[] =>
      runCounts(
        db,
        sql`
        WITH finished AS (SELECT run, count(*) AS done FROM attempts WHERE ${among(sql`run`, wanted)} GROUP BY run),
        united AS (
          SELECT a.run, count(*) AS merged FROM attempts a
          JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
          WHERE ${among(sql`a.run`, wanted)} GROUP BY a.run
        ), judged AS (
          SELECT a.run, count(*) AS evaluated, sum(s.passed) AS passed FROM scores s
          JOIN attempts a ON a.attempt_key = s.attempt_key
          WHERE s.policy = 'union' AND ${among(sql`a.run`, wanted)}
            AND s.attempt_key NOT IN (
              SELECT unit FROM faults WHERE resolved_at IS NULL AND step IN ('run', 'merge', 'eval'))
          GROUP BY a.run
        )
        SELECT r.run, r.setting, r.agent, r.model, coalesce(f.done, 0) AS done, coalesce(u.merged, 0) AS merged,
               coalesce(j.evaluated, 0) AS evaluated, coalesce(j.passed, 0) AS passed
        FROM runs r LEFT JOIN finished f ON f.run = r.run LEFT JOIN united u ON u.run = r.run
        LEFT JOIN judged j ON j.run = r.run
        WHERE ${among(sql`r.run`, wanted)} ORDER BY r.created_at, r.run`,
      ),

    /** What runs have cost but for units under way: attempts that count, broken, superseded, stopped and lost ones. */
    spent: (wanted: Runs): SpentOnRun[] =>
      spentOnRun(
        db,
        sql`
        SELECT run, coalesce(sum(usd), 0) AS usd, sum(unpriced + cut_off) AS unpriced
        FROM (${spentParts((run) => among(run, wanted))}) GROUP BY run`,
      ),

    /** One row a unit that met a fault and has not succeeded since, with the last fault's code. */
    openFaults: (wanted: Runs): OpenFault[] =>
      openFault(
        db,
        sql`
          SELECT run, unit, code, max(id) FROM faults
          WHERE resolved_at IS NULL AND step IN ('run', 'merge', 'eval') AND ${among(sql`run`, wanted)}
          GROUP BY unit`,
      ),

    /** How many units each step finished since a moment (UTC, ISO 8601). */
    doneSince: (since: string, wanted: Runs): DoneCount[] =>
      doneCount(
        db,
        sql`
        SELECT run, step, count(*) AS units FROM journal
        WHERE event = 'done' AND at >= ${since} AND ${among(sql`+run`, wanted)} GROUP BY +run, step`,
      ),

    leases: (wanted: Runs): LeaseRow[] =>
      db
        .select()
        .from(leases)
        .where(wanted === undefined ? undefined : inArray(leases.run, [...wanted]))
        .orderBy(leases.claimed_at, leases.unit)
        .all(),

    /** Processes that have not ended by themselves; of those, some may be gone. */
    processes: (): ProcessRow[] =>
      db
        .select()
        .from(processes)
        .where(isNull(processes.ended_at))
        .orderBy(processes.started_at)
        .all(),
  };
}

function among(column: SQL, wanted: Runs): SQL {
  return wanted === undefined ? sql`1` : sql`${column} IN ${[...wanted]}`;
}
