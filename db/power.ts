// Owns how transactions end: what they committed outlasts a power cut, except notes about processes that end with it.
import type { Database } from "bun:sqlite";
import type { Tables } from "./tables.ts";

export type Writer = Pick<Tables, "select" | "insert" | "update" | "delete">;

/** From now on a transaction is on the disk when its commit returns. */
export function keepAll(database: Database): void {
  database.run("PRAGMA synchronous = FULL");
}

/** A transaction that takes the write lock at once, so that nothing that was read is old when it is acted upon. */
export function immediate<T>(db: Tables, work: (tx: Writer) => T): T {
  return db.transaction((tx) => work(tx), { behavior: "immediate" });
}

/**
 * The same, without waiting for the disk. In WAL mode a power cut may then undo it, with all that was committed so after
 * it, and harms nothing else: good for claims and heartbeats, which come often. The next result brings it to the disk too.
 */
export function inHaste<T>(db: Tables, work: (tx: Writer) => T): T {
  const database = db.$client;
  database.run("PRAGMA synchronous = NORMAL");
  try {
    return immediate(db, work);
  } finally {
    keepAll(database);
  }
}
