// Owns opening a ledger for reading: nothing is made, nothing is written, whoever reads it and wherever it lies.
import { Database } from "bun:sqlite";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../lib/core/fault.ts";
import { isUpToDate, ledgerFault } from "./open.ts";
import { copyToRead, sizeOf, stampOf } from "./private-copy.ts";
import { ledgerFile } from "./where.ts";

/**
 * How a call opens a ledger. `read`: to look at it. `plan`: to try on a private copy what a call would do; a ledger that is
 * not there yet is an empty one.
 */
export type ReadMode = "read" | "plan";
export type ReadOptions = {
  readonly mode?: ReadMode;
  /** Whole numbers come as bigint. */
  readonly safeIntegers?: boolean;
};
export type ReadDatabase = {
  readonly database: Database;
  /** Whether nothing can be written to it. */
  readonly is_readonly: boolean;
  /** Whether the file has changed behind a private copy, which does not see it. */
  readonly outdated: () => boolean;
  readonly close: () => void;
};

/**
 * Opens the ledger at `path` and never writes to it or next to it. Who may write there, while it is of this version and no
 * killed process left pages behind, reads it as it is; everybody else a private copy, brought up to date.
 * Throws UsageError where there is none; Fault `ledger_unreadable`, `ledger_newer` or `ledger_locked` for other files.
 */
export function openDatabaseToRead(path: string, options: ReadOptions = {}): ReadDatabase {
  const { mode = "read", safeIntegers = false } = options;
  const file = ledgerFile(path, { absent: mode === "plan" ? "new" : "refused" });
  try {
    const is_readonly = mode === "read";
    if (file === undefined)
      return inPlace(copyToRead(undefined, { path, safeIntegers }), is_readonly);
    const open = mode === "plan" ? undefined : openInPlace(file, { path, safeIntegers });
    if (open !== undefined) return inPlace(open, is_readonly);
    const stamp = stampOf(file);
    const database = copyToRead(file, { path, safeIntegers });
    if (is_readonly) database.run("PRAGMA query_only = ON");
    return { ...inPlace(database, is_readonly), outdated: () => stampOf(file) !== stamp };
  } catch (error) {
    throw error instanceof UsageError ? error : ledgerFault(error, path);
  }
}

function inPlace(database: Database, is_readonly: boolean): ReadDatabase {
  return { database, is_readonly, outdated: () => false, close: () => database.close() };
}

type Place = { readonly path: string; readonly safeIntegers: boolean };

/** The file itself, locked as SQLite does it; undefined where that would leave a trace, or would not be understood. */
function openInPlace(file: string, { path, safeIntegers }: Place): Database | undefined {
  const how = wayOf(realpathSync(file));
  if (how === undefined) return undefined;
  const database = new Database(file, { ...how, strict: true, safeIntegers });
  try {
    database.run("PRAGMA query_only = ON");
    database.run("PRAGMA busy_timeout = 10000");
    if (isUpToDate(database, path)) return database;
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return undefined;
}

type Way = { readonly readonly: true } | { readonly readwrite: true; readonly create: false };

/**
 * A connection that may write takes its `-wal` and `-shm` away again when it ends; with pages of somebody else in them it
 * would move those into the file. One that may not leaves both where they are.
 */
function wayOf(file: string): Way | undefined {
  if (!mayWrite(file) || !mayWrite(dirname(file))) return undefined;
  if (sizeOf(`${file}-wal`) === 0) return { readwrite: true, create: false };
  return mayWrite(`${file}-shm`) && isInUse(`${file}-shm`) ? { readonly: true } : undefined;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a living process holds its place in the index of pages; taken for granted where the system does not say. */
function isInUse(index: string): boolean {
  const { ino } = statSync(index);
  let locks: string;
  try {
    locks = readFileSync("/proc/locks", "utf8");
  } catch {
    return true;
  }
  return locks.split("\n").some((line) => line.includes(`:${ino} `));
}
