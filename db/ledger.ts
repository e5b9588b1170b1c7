// Owns the ledger as a whole: one object with a small store for each part, over one SQLite file.
import { attemptStore } from "./attempts.ts";
import { checkStore } from "./checks.ts";
import { datasetStore } from "./dataset.ts";
import { faultStore } from "./faults.ts";
import { mergeStore } from "./merges.ts";
import { openDatabase } from "./open.ts";
import { outcomeStore } from "./outcomes.ts";
import { runStore } from "./runs.ts";
import { scoreStore } from "./scores.ts";
import { connect } from "./tables.ts";

/** The open ledger. Every write is one short synchronous transaction. */
export type Ledger = ReturnType<typeof openLedger>;

/**
 * Opens or makes the ledger at `path` (":memory:" for a throwaway one) and migrates it.
 * Throws Fault `ledger_newer`, `ledger_unreadable`, `ledger_locked` or `not_writable`.
 */
export function openLedger(path: string) {
  const database = openDatabase(path);
  const tables = connect(database);
  return {
    path,
    tables,
    dataset: datasetStore(tables),
    runs: runStore(tables),
    attempts: attemptStore(tables),
    merges: mergeStore(tables),
    scores: scoreStore(tables),
    checks: checkStore(tables),
    faults: faultStore(tables),
    outcomes: outcomeStore(tables),
    /** Rows of any SQL text, for people's queries and for db/queries/. */
    query: (sql: string): Record<string, unknown>[] =>
      database.query<Record<string, unknown>, []>(sql).all(),
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
  };
}
