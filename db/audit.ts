// Owns the questions whose answers tell whether the ledger is whole.
import { asc, eq, getTableColumns, getTableName, is, sql } from "drizzle-orm";
import { integer, SQLiteTable, text } from "drizzle-orm/sqlite-core";
import { answer } from "./answer.ts";
import { isJson, isReadable } from "./columns.ts";
import * as schema from "./schema.ts";
import type { Tables } from "./tables.ts";

/** Bytes that are stored under the SHA-256 of what they are. */
export type Kept = {
  readonly hash: string;
  readonly size_bytes: number;
  readonly bytes: Uint8Array;
};
const problem = answer({ found: text().notNull() });
const QUICK = sql`SELECT quick_check AS found FROM pragma_quick_check`;
const WHOLE = sql`SELECT integrity_check AS found FROM pragma_integrity_check`;
const lostParent = answer({
  table: text().notNull(),
  rowid: integer(),
  parent: text().notNull(),
});
const decided = answer({
  unit: text().notNull(),
  step: text().notNull(),
  times: integer().notNull(),
});
const rowids = answer({ rowid: integer().notNull() });
const storedText = answer({ stored: text() });
const JSON_COLUMNS = Object.values(schema)
  .filter((one) => is(one, SQLiteTable))
  .map((table) => ({ table, columns: Object.values(getTableColumns(table)).filter(isJson) }));

const { outputs, patches } = schema;

export function auditStore(db: Tables) {
  /** Bytes one after the other, each asked for by its hash, so that no more than one is held. */
  function* each(table: typeof patches | typeof outputs): Generator<Kept> {
    const { hash, size_bytes } = table;
    const bytes = "bytes" in table ? table.bytes : table.zstd;
    const of = eq(hash, sql.placeholder("hash"));
    const wanted = db.select({ hash, size_bytes, bytes }).from(table).where(of).prepare();
    for (const listed of db.select({ hash }).from(table).orderBy(asc(hash)).all()) {
      const found = wanted.get({ hash: listed.hash });
      if (found !== undefined) yield found;
    }
  }
  return {
    /** What SQLite finds wrong with its file, one sentence each; `quick` leaves the indexes out. */
    problems(quick: boolean): string[] {
      try {
        const said = problem(db, quick ? QUICK : WHOLE).map(({ found }) => found);
        return said.length === 1 && said[0] === "ok" ? [] : said;
      } catch (error) {
        // Worse than it can put into sentences.
        if (error instanceof Error && /malformed|corrupt/i.test(error.message))
          return [error.message];
        throw error;
      }
    },

    /** Rows that name a row of another table that is not there. */
    lostParents: () =>
      lostParent(db, sql`SELECT "table", rowid, parent FROM pragma_foreign_key_check`),

    /** Units of a run (of all when undefined) with two `done` of a step and no `superseded` of it, or of a step before, between. */
    decidedTwice: (run?: string) =>
      decided(
        db,
        sql`
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
        ) GROUP BY unit, step ORDER BY unit, step`,
      ),

    /** All patches. */
    patches: (): Generator<Kept> => each(patches),

    /** All raw outputs of suites, compressed; `size_bytes` counts them uncompressed. */
    outputs: (): Generator<Kept> => each(outputs),

    /** Hashes of patches whose stored size is not their bytes'. */
    missized: () =>
      db
        .select({ hash: patches.hash })
        .from(patches)
        .where(sql`length(${patches.bytes}) <> ${patches.size_bytes}`)
        .orderBy(asc(patches.hash))
        .all(),

    /** Values of columns of JSON that cannot be read, and the row of each; no more than one is held. */
    *unreadable(): Generator<{ place: string; rowid: number }> {
      for (const { table, columns } of JSON_COLUMNS)
        for (const column of columns) {
          const of = sql`SELECT rowid, ${column} AS stored FROM ${table}`;
          for (const { rowid } of rowids(db, sql`SELECT rowid FROM ${table}`)) {
            const [row] = storedText(db, sql`${of} WHERE rowid = ${rowid}`);
            if (row?.stored === null || row === undefined || isReadable(column, row.stored))
              continue;
            yield { place: `${getTableName(table)}.${column.name}`, rowid };
          }
        }
    },
  };
}
