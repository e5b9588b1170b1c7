// Owns the ledger as a whole: one object with a small store for each part, over one SQLite file.
import { annotationStore } from "./annotations.ts";
import { archiveStore } from "./archive.ts";
import { artefactStore } from "./artefacts.ts";
import { attemptStore } from "./attempts.ts";
import { auditStore } from "./audit.ts";
import { checkStore } from "./checks.ts";
import { controlStore } from "./controls.ts";
import { datasetStore } from "./dataset.ts";
import { earlierScoreStore } from "./earlier-scores.ts";
import { editionStore } from "./editions.ts";
import { faultStore } from "./faults.ts";
import { goldSuiteStore } from "./gold-suites.ts";
import { gridStore } from "./grid.ts";
import { handedStore } from "./handed.ts";
import { historyStore } from "./history.ts";
import { importedStore } from "./imported.ts";
import { labelStore } from "./labels.ts";
import { markStore } from "./marks.ts";
import { measureStore } from "./measures.ts";
import { mergeStore } from "./merges.ts";
import { openDatabase } from "./open.ts";
import { outcomeStore } from "./outcomes.ts";
import { pageStore } from "./pages.ts";
import { provenanceStore } from "./provenance.ts";
import { openDatabaseToRead, type ReadDatabase, type ReadOptions } from "./read.ts";
import { runStore } from "./runs.ts";
import { scoreStore } from "./scores.ts";
import { statusStore } from "./status.ts";
import { supersededStore } from "./superseded.ts";
import { connect } from "./tables.ts";
import { workStore } from "./work.ts";
import { workerStore } from "./workers.ts";

/** The open ledger. Every write is one short synchronous transaction. */
export type Ledger = ReturnType<typeof ledgerOf>;

/**
 * Opens or makes the ledger at `path` (":memory:" for a throwaway one) and migrates it.
 * Throws Fault `ledger_newer`, `ledger_unreadable`, `ledger_locked` or `not_writable`.
 */
export function openLedger(path: string): Ledger {
  const database = openDatabase(path);
  const close = () => database.close();
  return ledgerOf(path, { database, is_readonly: false, outdated: () => false, close });
}

/**
 * Opens the ledger at `path` and never writes to it: see {@link openDatabaseToRead}, which also says what it throws. With
 * `mode: "plan"` what is written goes into a private copy.
 */
export function openLedgerToRead(path: string, options?: Pick<ReadOptions, "mode">): Ledger {
  return ledgerOf(path, openDatabaseToRead(path, options));
}

function ledgerOf(path: string, { database, is_readonly, outdated, close }: ReadDatabase) {
  const tables = connect(database);
  return {
    path,
    is_readonly,
    /** Whether others have written since a private copy was made for reading: open it anew to see that. */
    outdated,
    tables,
    dataset: datasetStore(tables),
    goldSuites: goldSuiteStore(tables),
    runs: runStore(tables),
    attempts: attemptStore(tables),
    merges: mergeStore(tables),
    scores: scoreStore(tables),
    annotations: annotationStore(tables),
    archive: archiveStore(tables),
    artefacts: artefactStore(tables),
    audit: auditStore(tables),
    checks: checkStore(tables),
    controls: controlStore(tables),
    earlier_scores: earlierScoreStore(tables),
    editions: editionStore(tables),
    faults: faultStore(tables),
    grid: gridStore(tables),
    handed: handedStore(tables),
    history: historyStore(tables),
    imported: importedStore(tables),
    labels: labelStore(tables),
    marks: markStore(tables),
    measures: measureStore(tables),
    outcomes: outcomeStore(tables),
    pages: pageStore(tables),
    provenance: provenanceStore(tables),
    status: statusStore(tables),
    superseded: supersededStore(tables),
    work: workStore(tables),
    workers: workerStore(tables),
    /** Rows of any SQL text, for people's queries and for db/queries/. */
    query: (sql: string): Record<string, unknown>[] =>
      database.query<Record<string, unknown>, []>(sql).all(),
    close,
    [Symbol.dispose]: close,
  };
}
