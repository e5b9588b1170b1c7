// Owns what check-dataset found about each feature: the gold ceiling that reports show.
import { asc } from "drizzle-orm";
import { type CheckRow, checks } from "./schema.ts";
import type { Tables } from "./tables.ts";

export function checkStore(db: Tables) {
  return {
    /** Stores findings, replacing earlier ones of the same feature, check and backend. */
    put(rows: readonly CheckRow[]): void {
      db.transaction((tx) => {
        for (const row of rows) {
          const { repo, task_id, feature_id, kind, backend, ...found } = row;
          tx.insert(checks)
            .values(row)
            .onConflictDoUpdate({
              target: [checks.repo, checks.task_id, checks.feature_id, checks.kind, checks.backend],
              set: found,
            })
            .run();
        }
      });
    },

    all(): CheckRow[] {
      return db
        .select()
        .from(checks)
        .orderBy(asc(checks.repo), asc(checks.task_id), asc(checks.feature_id), asc(checks.kind))
        .all();
    },
  };
}
