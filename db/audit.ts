// Owns the questions whose answers tell whether the ledger is whole.
import { sql } from "drizzle-orm";
import type { Tables } from "./tables.ts";

/** Bytes that are stored under the SHA-256 of what they are. */
export type Kept = {
  readonly hash: string;
  readonly size_bytes: number;
  readonly bytes: Uint8Array;
};
type Hash = { readonly hash: string };

export function auditStore(db: Tables) {
  /** Bytes one after the other, each asked for by its hash, so that no more than one is held. */
  function* each(list: string, one: string): Generator<Kept> {
    const wanted = db.$client.query<Kept, { hash: string }>(one);
    for (const { hash } of db.$client.query<Hash, []>(list).all()) {
      const found = wanted.get({ hash });
      if (found !== null) yield found;
    }
  }
  return {
    /** What SQLite finds wrong with its file, one sentence each; `quick` leaves the indexes out. */
    problems(quick: boolean): string[] {
      const pragma = quick ? sql`PRAGMA quick_check` : sql`PRAGMA integrity_check`;
      try {
        const said = db.values<[string]>(pragma).map(([text]) => text);
        return said.length === 1 && said[0] === "ok" ? [] : said;
      } catch (error) {
        // Worse than it can put into sentences.
        if (error instanceof Error && /malformed|corrupt/i.test(error.message))
          return [error.message];
        throw error;
      }
    },

    /** Rows that name a row of another table that is not there. */
    lostParents: (): { table: string; rowid: number | null; parent: string }[] =>
      db.all(sql`SELECT "table", rowid, parent FROM pragma_foreign_key_check`),

    /** Units of a run (of all when undefined) with two `done` of a step and no `superseded` of it, or of a step before, between. */
    decidedTwice: (run?: string): { unit: string; step: string; times: number }[] =>
      db.all(sql`
        WITH counted AS (
          SELECT d.unit, d.step, (
            SELECT count(*) FROM journal s
            WHERE s.unit = d.unit AND s.event = 'superseded' AND s.id < d.id
              AND (s.step = d.step OR s.step = 'run' OR (s.step = 'merge' AND d.step = 'eval'))
          ) AS life
          FROM journal d WHERE d.event = 'done' AND ${run === undefined ? sql`1` : sql`d.run = ${run}`}
        )
        SELECT unit, step, max(n) AS times FROM (
          SELECT unit, step, count(*) AS n FROM counted GROUP BY unit, step, life HAVING n > 1
        ) GROUP BY unit, step ORDER BY unit, step`),

    /** All patches. */
    patches: (): Generator<Kept> =>
      each(
        "SELECT hash FROM patches ORDER BY hash",
        "SELECT hash, size_bytes, bytes FROM patches WHERE hash = $hash",
      ),

    /** All raw outputs of suites, compressed; `size_bytes` counts them uncompressed. */
    outputs: (): Generator<Kept> =>
      each(
        "SELECT hash FROM outputs ORDER BY hash",
        "SELECT hash, size_bytes, zstd AS bytes FROM outputs WHERE hash = $hash",
      ),

    /** Hashes of patches whose stored size is not their bytes'. */
    missized: (): Hash[] =>
      db.all(sql`SELECT hash FROM patches WHERE length(bytes) <> size_bytes ORDER BY hash`),
  };
}
