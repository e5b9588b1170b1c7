// Owns the hashes of finished attempts' files: stored in the very transaction that makes a unit done.

import { and, asc, eq, inArray } from "drizzle-orm";
import type { Artefact, ArtefactChange } from "../lib/core/artefacts.ts";
import { inParts } from "./rows.ts";
import { type ArtefactRow, artefacts, attempts } from "./schema.ts";
import type { Tables } from "./tables.ts";

/**
 * Stores the hashes of an attempt's files inside the caller's transaction. A path of `only` that has no row is
 * forgotten: its file is gone. Throws RangeError for a row outside `only`.
 */
export function putArtefacts(
  tx: Pick<Tables, "insert" | "delete">,
  attempt_key: string,
  { rows, only }: ArtefactChange,
): void {
  const stray = only === undefined ? undefined : rows.find(({ path }) => !only.includes(path));
  if (stray !== undefined) throw new RangeError(`${stray.path} is not among the stage's own files`);
  const among = only === undefined ? undefined : inArray(artefacts.path, [...only]);
  tx.delete(artefacts)
    .where(and(eq(artefacts.attempt_key, attempt_key), among))
    .run();
  const own = rows.map(({ path, sha256, size_bytes }) => {
    return { attempt_key, path, sha256, size_bytes };
  });
  for (const part of inParts(own)) tx.insert(artefacts).values(part).run();
}

export function artefactStore(db: Tables) {
  return {
    /** {@link putArtefacts} in a transaction of its own. */
    put(attempt_key: string, change: ArtefactChange): void {
      db.transaction((tx) => putArtefacts(tx, attempt_key, change), { behavior: "immediate" });
    },

    /** What is stored of one attempt, by path. */
    of: (attempt_key: string): Artefact[] =>
      db
        .select({
          path: artefacts.path,
          sha256: artefacts.sha256,
          size_bytes: artefacts.size_bytes,
        })
        .from(artefacts)
        .where(eq(artefacts.attempt_key, attempt_key))
        .orderBy(asc(artefacts.path))
        .all(),

    /** What is stored of all attempts of a run. */
    ofRun: (run: string): ArtefactRow[] =>
      db
        .select({ artefact: artefacts })
        .from(artefacts)
        .innerJoin(attempts, eq(attempts.attempt_key, artefacts.attempt_key))
        .where(eq(attempts.run, run))
        .orderBy(asc(artefacts.attempt_key), asc(artefacts.path))
        .all()
        .map(({ artefact }) => artefact),
  };
}
