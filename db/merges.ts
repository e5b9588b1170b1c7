// Owns merges: one row an attempt and strategy, stored with the merged diffs by content.
import { and, eq, inArray } from "drizzle-orm";
import { putPatch } from "./dataset.ts";
import { resolveFaults } from "./faults.ts";
import type { Tables } from "./ledger.ts";
import { attempts, type MergeRow, merges } from "./schema.ts";

export type MergeRecord = {
  readonly rows: readonly (typeof merges.$inferInsert)[];
  readonly patches: readonly { hash: string; bytes: Uint8Array }[];
};

export function mergeStore(db: Tables) {
  return {
    /** Stores the merges of attempts, replacing earlier ones of the same attempts. */
    put(records: readonly MergeRecord[]): void {
      db.transaction(
        (tx) => {
          for (const record of records) {
            for (const patch of record.patches) putPatch(tx, patch.hash, patch.bytes);
            for (const row of record.rows) {
              tx.delete(merges)
                .where(
                  and(eq(merges.attempt_key, row.attempt_key), eq(merges.strategy, row.strategy)),
                )
                .run();
              tx.insert(merges).values(row).run();
              resolveFaults(tx, row.attempt_key, "merge");
            }
          }
        },
        { behavior: "immediate" },
      );
    },

    /** Merges by attempt key, for the runs named (all when undefined). */
    byAttempt(runs?: readonly string[]): Map<string, MergeRow[]> {
      const rows = db
        .select({ merge: merges })
        .from(merges)
        .innerJoin(attempts, eq(attempts.attempt_key, merges.attempt_key))
        .where(runs === undefined ? undefined : inArray(attempts.run, [...runs]))
        .all();
      return Map.groupBy(
        rows.map((row) => row.merge),
        (row) => row.attempt_key,
      );
    },
  };
}
