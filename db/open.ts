// Owns opening the ledger file: pragmas, migrations under a lock, views, and the refusals of files we cannot use.
import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { and, count, eq, inArray } from "drizzle-orm";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";
import { getViewConfig, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { makeFolder } from "../lib/core/disk.ts";
import { asFault, Fault } from "../lib/core/fault.ts";
import { sha256 } from "../lib/core/files.ts";
import { meta } from "./dataset-tables.ts";
import { openPairsWide } from "./pairs-wide.ts";
import { fillPatchFiles, PATCH_FILES } from "./patch-files.ts";
import { keepAll } from "./power.ts";
import { changeServerHashes, SERVER_HASHES } from "./server-hashes.ts";
import { connect } from "./tables.ts";
import * as views from "./views.ts";

/** Which migrations a ledger has; made by hand, before any of them. */
const migrations = sqliteTable("migrations", {
  position: integer().primaryKey(),
  hash: text().notNull(),
  applied_at: text().notNull(),
});
const { objects } = views;
const VIEWS = Object.values(views).map((view) => getViewConfig(view).name);

const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens (or makes) the SQLite file: WAL, foreign keys, busy timeout, all migrations applied.
 * Throws Fault `ledger_newer` for a file of a newer Tandem, `ledger_unreadable` for anything that is not a
 * ledger, `not_writable` for a folder it may not write. Messages call the file by `name`.
 */
export function openDatabase(path: string, name = path): Database {
  let database: Database | undefined;
  try {
    if (path !== ":memory:") makeFolder(dirname(path));
    database = new Database(path, { create: true, strict: true });
    database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const known = knownMigrations();
    // Before the first write: WAL mode is kept in the file, and a refused file stays as it was.
    isCurrent(database, known, name);
    database.run("PRAGMA journal_mode = WAL");
    keepAll(database);
    database.run("PRAGMA foreign_keys = ON");
    migrate(database, known, name);
    openPairsWide(database);
    return database;
  } catch (error) {
    database?.close();
    throw ledgerFault(error, name);
  }
}

function knownMigrations(): MigrationMeta[] {
  return readMigrationFiles({ migrationsFolder: join(import.meta.dir, "migrations") });
}

function viewsText(): string {
  return readFileSync(join(import.meta.dir, "views.sql"), "utf8");
}

/**
 * Whether an open file has all migrations and views of this version. Throws Fault `ledger_newer`, or `ledger_unreadable` for
 * what is not a ledger.
 */
export function isUpToDate(database: Database, path: string): boolean {
  if (isCurrent(database, knownMigrations(), path))
    return storedViewsHash(database) === sha256(viewsText());
  if (tableNames(database).size > 0) return false;
  throw new Fault(
    "ledger_unreadable",
    `${path} is a SQLite file without tables, not a Tandem ledger`,
    {
      hint: "name another file with --ledger",
    },
  );
}

function migrate(database: Database, known: readonly MigrationMeta[], path: string): void {
  const views = viewsText();
  const viewsHash = sha256(views);
  if (isCurrent(database, known, path) && storedViewsHash(database) === viewsHash) return;
  const db = connect(database);
  const applyAll = database.transaction(() => {
    // Again, under the lock: another process may have made or moved the ledger in the meantime.
    isCurrent(database, known, path);
    database.run(
      "CREATE TABLE IF NOT EXISTS migrations (position INTEGER PRIMARY KEY, hash TEXT NOT NULL, applied_at TEXT NOT NULL)",
    );
    // A table that a view reads cannot be made anew; the views themselves are made anew below.
    for (const { name } of viewNames(database)) database.run(`DROP VIEW "${name}"`);
    const applied = appliedCount(database);
    for (const [position, migration] of known.entries()) {
      if (position < applied) continue;
      for (const statement of migration.sql) database.run(statement);
      if (position === SERVER_HASHES) changeServerHashes(database);
      if (position === PATCH_FILES) fillPatchFiles(database);
      const applied_at = new Date().toISOString();
      db.insert(migrations).values({ position, hash: migration.hash, applied_at }).run();
    }
    database.run(views);
    const set = { name: "views", value: viewsHash };
    db.insert(meta).values(set).onConflictDoUpdate({ target: meta.name, set }).run();
  });
  // IMMEDIATE takes the write lock first, so that two processes opening a new file do not both migrate it.
  applyAll.immediate();
}

function isCurrent(database: Database, known: readonly MigrationMeta[], path: string): boolean {
  // One question, so one moment: another process may be making the tables just now.
  const tables = tableNames(database);
  // Other programs keep a table "migrations" too; "meta" comes with our first one.
  if (!tables.has("migrations") || !tables.has("meta")) {
    if (tables.size === 0) return false;
    throw new Fault("ledger_unreadable", `${path} is a SQLite file, but not a Tandem ledger`, {
      hint: "name another file with --ledger",
    });
  }
  const applied = connect(database)
    .select({ hash: migrations.hash })
    .from(migrations)
    .orderBy(migrations.position)
    .all();
  const foreign = applied.findIndex(({ hash }, position) => known[position]?.hash !== hash);
  if (foreign === -1) return applied.length === known.length;
  throw new Fault("ledger_newer", `${path} was written by a newer or different Tandem`, {
    hint: `update Tandem, or name another file with --ledger (its migration ${foreign + 1} is unknown here; nothing was changed)`,
  });
}

function appliedCount(database: Database): number {
  return connect(database).select({ n: count() }).from(migrations).get()?.n ?? 0;
}

function storedViewsHash(database: Database): string | undefined {
  const stored = eq(meta.name, "views");
  return connect(database).select({ value: meta.value }).from(meta).where(stored).get()?.value;
}

/** Tandem's views that exist. */
function viewNames(database: Database): { name: string }[] {
  return connect(database)
    .select({ name: objects.name })
    .from(objects)
    .where(and(eq(objects.type, "view"), inArray(objects.name, VIEWS)))
    .all();
}

function tableNames(database: Database): Set<string> {
  const rows = connect(database)
    .select({ name: objects.name })
    .from(objects)
    .where(eq(objects.type, "table"))
    .all();
  return new Set(rows.map(({ name }) => name));
}

/** What opening a ledger ends with. */
export function ledgerFault(error: unknown, path: string): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/locked|busy/i.test(message))
    return new Fault("ledger_locked", `${path}: ${message}`, {
      hint: "another program holds the ledger: wait for it or close it, then run again",
      cause: error,
    });
  if (/readonly|unable to open|EEXIST|ENOTDIR/i.test(message))
    return new Fault("not_writable", `${path}: ${message}`, {
      hint: "make the file and its folder writable, or name another with --ledger",
      cause: error,
    });
  if (/not a database|malformed|corrupt/i.test(message))
    return new Fault("ledger_unreadable", `${path}: ${message}`, {
      hint: "restore it from a copy, or name another file with --ledger; nothing was changed",
      cause: error,
    });
  return asFault(error);
}
