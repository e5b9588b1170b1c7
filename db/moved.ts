// Owns noticing that a ledger's file was deleted or replaced underneath: SQLite would go on with a file that has no name any more.
import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { movedLedger } from "../lib/core/fault.ts";

/**
 * A look at the file of an open ledger, cheap enough for every statement. Throws Fault `ledger_unreadable` when its name
 * leads to no file or to another one.
 */
export function watchPlace(database: Database): () => void {
  const path = database.filename;
  const place = () => statSync(path, { throwIfNoEntry: false, bigint: true });
  const opened = path === "" || path === ":memory:" ? undefined : place();
  if (opened === undefined) return () => undefined;
  return () => {
    const now = place();
    if (now === undefined) throw movedLedger(path, "deleted");
    if (now.ino !== opened.ino || now.dev !== opened.dev) throw movedLedger(path, "replaced");
  };
}
