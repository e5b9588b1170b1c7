// Owns taking the rows of runs out of the ledger, and putting them into another one.
import { columnsOf, insertText, RUN_TABLES, SHARED_TABLES, selectText } from "./archived.ts";
import { lineOf, rowOf, type StoredRow } from "./archived-row.ts";
import { keepPairsWide } from "./pairs-wide.ts";
import { putPatchFiles } from "./patch-files.ts";
import { withoutAddress } from "./server-hashes.ts";
import type { Tables } from "./tables.ts";

export type { StoredRow } from "./archived-row.ts";
/** A row and the table it belongs in. */
export type PlacedRow = { readonly table: string; readonly row: StoredRow };

export function archiveStore(db: Tables) {
  return {
    /** Tables whose rows belong to one run, and those whose rows several may rest on; parents before children. */
    run_tables: RUN_TABLES as readonly string[],
    shared_tables: SHARED_TABLES as readonly string[],

    /** Does synchronous work that sees the ledger as it was at one moment. */
    snapshot: <T>(work: () => T): T => db.transaction(() => work(), { behavior: "deferred" }),

    /** A table's rows of these runs, one line of JSON each, one at a time, in an order that every ledger gives alike. */
    *lines(table: string, runs: readonly string[]): Generator<string> {
      const asked = db.$client.query<StoredRow, { runs: string }>(selectText(table));
      for (const row of asked.iterate({ runs: JSON.stringify(runs) })) yield lineOf(row);
    },

    /** A row out of its line. Throws Fault `bad_file` for what the table cannot hold. */
    row: rowOf,

    /**
     * Stores rows, parents before children, and calls `then` before they count: all in one transaction, which either
     * throwing undoes. What several runs rest on and is there already stays as it is.
     */
    put(rows: Iterable<PlacedRow>, then: () => void): void {
      const writers = new Map<string, (row: StoredRow) => void>();
      const writer = (table: string) => {
        const known = writers.get(table) ?? writerOf(db, table);
        writers.set(table, known);
        return known;
      };
      db.transaction(
        () => {
          for (const { table, row } of rows) {
            writer(table)(table === "runs" ? asToday(row) : row);
            // Which files a patch is about does not travel: its bytes say it.
            if (table === "patches" && row.bytes instanceof Uint8Array)
              putPatchFiles(db, String(row.hash), row.bytes);
          }
          keepPairsWide(db);
          then();
        },
        { behavior: "immediate" },
      );
    },
  };
}

/** A run of an archive from when hashes of configurations held addresses. */
function asToday(row: StoredRow): StoredRow {
  const { config, config_hash } = row;
  const hashed = { config: String(config), config_hash: String(config_hash) };
  return { ...row, config_hash: withoutAddress(hashed) };
}

function writerOf(db: Tables, table: string): (row: StoredRow) => void {
  const statement = db.$client.prepare(insertText(table));
  const names = (columnsOf(table) ?? []).map(({ name }) => name);
  return (row) => statement.run(...names.map((name) => row[name] ?? null));
}
