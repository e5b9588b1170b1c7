// Owns what crosses from and to other systems: imported attempts, published outcomes, and all that an export asks for.
import { and, asc, eq, inArray } from "drizzle-orm";
import { byFeatures } from "./columns.ts";
import { keepPairsWide } from "./pairs-wide.ts";
import {
  attemptSuites,
  attempts,
  faults,
  type ImportedRow,
  imported,
  type MessageRow,
  messages,
  type PublishedRow,
  published,
  type RunRow,
  runs,
  suiteResults,
} from "./schema.ts";
import type { Tables } from "./tables.ts";

/** The other system's verdict, without the fields of its files. */
export type ImportedVerdict = Omit<ImportedRow, "files">;
/** How many rows of a published table were new, the same, changed, and gone from it. */
export type PublishedCounts = {
  readonly fresh: number;
  readonly same: number;
  readonly changed: number;
  readonly gone: number;
};

export function importedStore(db: Tables) {
  return {
    /**
     * Stores what was read of attempts, replacing earlier rows of the same keys, and the faults that the other system met
     * on them.
     */
    put(
      rows: readonly (typeof imported.$inferInsert)[],
      met: readonly (typeof faults.$inferInsert)[] = [],
    ): void {
      db.transaction(
        (tx) => {
          for (const { attempt_key, ...rest } of rows)
            tx.insert(imported)
              .values({ attempt_key, ...rest })
              .onConflictDoUpdate({ target: imported.attempt_key, set: rest })
              .run();
          for (const fault of met) tx.insert(faults).values(fault).run();
        },
        { behavior: "immediate" },
      );
    },

    /** The content's hash of every imported attempt of a run, and what was wrong with it, by key. */
    known(run: string): Map<string, Pick<ImportedRow, "content_sha256" | "problems">> {
      const { attempt_key: key, content_sha256, problems } = imported;
      const rows = db
        .select({ key, content_sha256, problems })
        .from(imported)
        .innerJoin(attempts, eq(attempts.attempt_key, imported.attempt_key))
        .where(eq(attempts.run, run))
        .all();
      return new Map(rows.map(({ key, ...row }) => [key, row]));
    },

    find: (attempt_key: string): ImportedRow | undefined =>
      db.select().from(imported).where(eq(imported.attempt_key, attempt_key)).get(),

    /** The other system's verdicts on attempts of the runs named (all when undefined), by key. */
    verdicts(names?: readonly string[]): (ImportedVerdict & { readonly run: string })[] {
      const { files: _files, ...columns } = columnsOf(imported);
      return db
        .select({ ...columns, run: attempts.run })
        .from(imported)
        .innerJoin(attempts, eq(attempts.attempt_key, imported.attempt_key))
        .where(names === undefined ? undefined : inArray(attempts.run, [...names]))
        .orderBy(
          asc(attempts.run),
          asc(attempts.repo),
          asc(attempts.task_id),
          byFeatures("attempts"),
        )
        .all();
    },

    /** Stores an imported run, or what is now known of it under its name; when it was made stays. */
    putRun(row: RunRow): void {
      const { run: _run, created_at: _created, ...rest } = row;
      db.transaction(
        (tx) => {
          tx.insert(runs).values(row).onConflictDoUpdate({ target: runs.run, set: rest }).run();
          keepPairsWide(tx);
        },
        { behavior: "immediate" },
      );
    },

    /** An attempt's messages, in order. */
    messages: (attempt_key: string): MessageRow[] =>
      db
        .select()
        .from(messages)
        .where(eq(messages.attempt_key, attempt_key))
        .orderBy(asc(messages.seq))
        .all(),

    /** The suite results that an attempt's verdicts rest on, with the tree each was run on. */
    suites: (attempt_key: string) =>
      db
        .select({
          tested: attemptSuites.tested,
          feature_id: attemptSuites.feature_id,
          outcome: suiteResults.outcome,
          exit_code: suiteResults.exit_code,
          passed: suiteResults.passed,
          failed: suiteResults.failed,
          output: suiteResults.output,
          tested_at: suiteResults.tested_at,
        })
        .from(attemptSuites)
        .innerJoin(suiteResults, eq(suiteResults.suite_key, attemptSuites.suite_key))
        .where(eq(attemptSuites.attempt_key, attempt_key))
        .all(),

    /** Makes the rows of a source and setting equal to these; rows that are the same are not rewritten. */
    putPublished(
      table: Pick<PublishedRow, "source" | "setting">,
      rows: readonly PublishedRow[],
    ): PublishedCounts {
      return db.transaction(
        (tx) => {
          const ofTable = and(
            eq(published.source, table.source),
            eq(published.setting, table.setting),
          );
          const before = new Map(
            tx
              .select()
              .from(published)
              .where(ofTable)
              .all()
              .map((row) => [`${row.pair_key} ${row.model}`, row]),
          );
          const counts = { fresh: 0, same: 0, changed: 0, gone: 0 };
          for (const row of rows) {
            const name = `${row.pair_key} ${row.model}`;
            const known = before.get(name);
            before.delete(name);
            if (known?.passed === row.passed && known.has_conflict === row.has_conflict) {
              counts.same++;
              continue;
            }
            counts[known ? "changed" : "fresh"]++;
            const { source, pair_key, model, setting, ...set } = row;
            const target = [
              published.source,
              published.pair_key,
              published.model,
              published.setting,
            ];
            tx.insert(published)
              .values({ source, pair_key, model, setting, ...set })
              .onConflictDoUpdate({ target, set })
              .run();
          }
          for (const { pair_key, model } of before.values()) {
            counts.gone++;
            tx.delete(published)
              .where(and(ofTable, eq(published.pair_key, pair_key), eq(published.model, model)))
              .run();
          }
          return counts;
        },
        { behavior: "immediate" },
      );
    },
  };
}

/** The columns of a table by name, to choose from. */
function columnsOf({ attempt_key, source, form, content_sha256, ...rest }: typeof imported) {
  const { passed, merge_status, strategy, evaluated_at, error, alone, reads_kept } = rest;
  const verdict = { passed, merge_status, strategy, evaluated_at, error, alone, reads_kept };
  const { files, problems, imported_at } = rest;
  return { attempt_key, source, form, content_sha256, ...verdict, files, problems, imported_at };
}
