// Owns the view `pairs_wide`: one row per pair and one column per run, rebuilt in the transaction that adds a run.
import type { Database } from "bun:sqlite";
import { desc, eq, getViewSelectedFields, sql } from "drizzle-orm";
import { runs } from "./schema.ts";
import { connect, type Tables } from "./tables.ts";
import { objects, pairsWide } from "./views.ts";

type Writer = Pick<Tables, "select" | "run">;
const NAME = "pairs_wide";
/** SQLite allows at most 2,000 columns in an answer, more than anyone reads. */
export const MOST_RUNS = 500;

/** Rebuilds the view when a run has no column in it; runs inside the caller's transaction. */
export function keepPairsWide(tx: Writer): void {
  const wanted = textOf(runNames(tx));
  const [stored] = tx
    .select({ text: objects.sql })
    .from(objects)
    .where(eq(objects.name, NAME))
    .all();
  if (stored?.text === wanted) return;
  tx.run(sql.raw(`DROP VIEW IF EXISTS ${NAME}`));
  tx.run(sql.raw(wanted));
}

/** The same on opening: other programs may have added runs. The lock is taken only where something is to be changed. */
export function openPairsWide(database: Database): void {
  const db = connect(database);
  const [stored] = db
    .select({ text: objects.sql })
    .from(objects)
    .where(eq(objects.name, NAME))
    .all();
  if (stored?.text !== textOf(runNames(db)))
    db.transaction((tx) => keepPairsWide(tx), { behavior: "immediate" });
}

/** The runs that were made last, in the order that they were made. */
function runNames(db: Pick<Tables, "select">): string[] {
  const rows = db
    .select({ run: runs.run })
    .from(runs)
    .orderBy(desc(runs.created_at), desc(runs.run))
    .limit(MOST_RUNS)
    .all();
  return rows.map(({ run }) => run).reverse();
}

function textOf(names: readonly string[]): string {
  const columns = columnNames(names).map(
    ([run, column]) =>
      `,\n       max(IIF(run = ${quoted(run, "'")}, share, NULL)) AS ${quoted(column, '"')}`,
  );
  return `CREATE VIEW ${NAME} AS
WITH shares AS (
  SELECT pair_key, repo, task_id, features, run, avg(IIF(fault IS NULL, passed, NULL)) AS share
  FROM outcomes GROUP BY pair_key, run
)
SELECT pair_key, min(repo) AS repo, min(task_id) AS task_id, min(features) AS features,
       json_group_object(run, share) AS runs${columns.join("")}
FROM shares GROUP BY pair_key`;
}

/** Columns are told apart without regard to case: a name that is taken gets a number. */
function columnNames(names: readonly string[]): (readonly [run: string, column: string])[] {
  const taken = new Set(Object.keys(getViewSelectedFields(pairsWide)));
  return names.map((run) => {
    let column = run;
    for (let n = 2; taken.has(column.toLowerCase()); n++) column = `${run}:${n}`;
    taken.add(column.toLowerCase());
    return [run, column] as const;
  });
}

function quoted(text: string, mark: "'" | '"'): string {
  return `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;
}
