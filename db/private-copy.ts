// Owns private copies of ledgers: of one moment, brought up to date, gone with the process that made them.
import { Database } from "bun:sqlite";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "../lib/core/fault.ts";
import { openDatabase } from "./open.ts";

/** A file system's clock may stand still for so long: two writes within have the same time. */
const CLOCK_STEP_MS = 20;
const TRIES = 50;
const WAL_HEADER_BYTES = 32;

type Copied = {
  /** The name that messages give it. */
  readonly path: string;
  readonly safeIntegers: boolean;
};

/**
 * A copy of the ledger (an empty one when undefined), migrated. Its files have no name any more when this returns, so that
 * nothing of it outlives the process. Throws Fault `ledger_locked` when the ledger does not hold still, and what opening throws.
 */
export function copyToRead(file: string | undefined, { path, safeIntegers }: Copied): Database {
  const folder = mkdtempSync(join(tmpdir(), "tandem-read-"));
  const copy = join(folder, "ledger.sqlite");
  try {
    if (file !== undefined) copyAtOneMoment(file, copy, path);
    const migrated = openDatabase(copy, path);
    // One file, which needs no other beside it.
    migrated.run("PRAGMA wal_checkpoint(TRUNCATE)");
    migrated.run("PRAGMA journal_mode = DELETE");
    migrated.close();
    const database = new Database(copy, { readwrite: true, strict: true, safeIntegers });
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("PRAGMA foreign_keys = ON");
    return database;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Copies a ledger and the pages that wait beside it. Those are only added to until they are moved into the file, and
 * begin anew with another header after that: where neither changed, the copy is of one moment.
 */
function copyAtOneMoment(file: string, copy: string, path: string): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = contentStamp(file);
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    const pages = `${file}-wal`;
    if (existsSync(pages)) copyFileSync(pages, `${copy}-wal`, constants.COPYFILE_FICLONE);
    if (before !== undefined && contentStamp(file) === before) return;
    rmSync(`${copy}-wal`, { force: true });
    Bun.sleepSync(CLOCK_STEP_MS);
  }
  throw new Fault("ledger_locked", `${path} changes too fast to be copied`, {
    hint: "try again in a moment",
  });
}

/** What tells a file that was written from one that was not; undefined while that cannot be told. */
function contentStamp(file: string): string | undefined {
  const { mtimeMs, size, ino } = statSync(file);
  if (Math.abs(Date.now() - mtimeMs) < CLOCK_STEP_MS) return undefined;
  return [ino, size, mtimeMs, headerOf(`${file}-wal`)].join(" ");
}

function headerOf(pages: string): string {
  if (!existsSync(pages)) return "none";
  const header = Buffer.alloc(WAL_HEADER_BYTES);
  const opened = openSync(pages, "r");
  try {
    return header.subarray(0, readSync(opened, header)).toString("hex");
  } finally {
    closeSync(opened);
  }
}

/** What changes with every commit. */
export function stampOf(file: string): string {
  return [file, `${file}-wal`]
    .map((name) => statSync(name, { throwIfNoEntry: false, bigint: true }))
    .map((found) => (found ? `${found.ino} ${found.size} ${found.mtimeNs}` : "none"))
    .join(", ");
}

/** Bytes of a file; 0 when there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
