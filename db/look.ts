// Owns opening a ledger only to look at it: nothing is made, nothing is migrated, nothing can be written.
import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { asFault, Fault, UsageError } from "../lib/fault.ts";
import { runStore } from "./runs.ts";
import { type StatusStore, statusStore } from "./status.ts";
import { connect } from "./tables.ts";

/** A ledger that can only be looked at. */
export type Looked = Disposable & {
  readonly status: StatusStore;
  readonly runs: ReturnType<typeof runStore>;
};

/**
 * Opens the ledger at `path` and never writes to it: no file is made, nothing is migrated. Throws UsageError where there
 * is none and for one of an older Tandem; Fault `ledger_unreadable` or `ledger_newer` for other files.
 */
export function openToLook(path: string): Looked {
  if (!existsSync(path))
    throw new UsageError(`there is no ledger at ${path}: name another with --ledger`);
  let database: Database | undefined;
  try {
    // Not `readonly`: such a connection leaves its -wal and -shm files behind.
    const opened = new Database(path, { readwrite: true, create: false, strict: true });
    database = opened;
    opened.run("PRAGMA query_only = ON");
    opened.run("PRAGMA busy_timeout = 10000");
    checkVersion(opened, path);
    const tables = connect(opened);
    return {
      status: statusStore(tables),
      runs: runStore(tables),
      [Symbol.dispose]: () => opened.close(),
    };
  } catch (error) {
    database?.close();
    throw unreadable(error, path);
  }
}

function checkVersion(database: Database, path: string): void {
  const known = readMigrationFiles({ migrationsFolder: join(import.meta.dir, "migrations") });
  const named = database
    .query("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('meta', 'migrations')")
    .all();
  if (named.length < 2)
    throw new Fault("ledger_unreadable", `${path} is not a Tandem ledger`, {
      hint: "name another file with --ledger",
    });
  const applied = database
    .query<{ n: number }, []>("SELECT count(*) AS n FROM migrations")
    .get()?.n;
  if (applied === known.length) return;
  if ((applied ?? 0) > known.length)
    throw new Fault("ledger_newer", `${path} was written by a newer Tandem`, {
      hint: "update Tandem, or name another file with --ledger",
    });
  throw new UsageError(
    `${path} is of an older Tandem, and looking changes nothing: any other step, such as report, brings it up to date`,
  );
}

function unreadable(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!/^SQLITE_(NOTADB|CANTOPEN|CORRUPT)/.test(code))
    return error instanceof UsageError ? error : asFault(error);
  return new Fault("ledger_unreadable", `${path} cannot be read as a ledger: ${code}`, {
    hint: "name another file with --ledger; nothing was changed",
    cause: error,
  });
}
