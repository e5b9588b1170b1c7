// Owns merges: one row an attempt and strategy, stored with the merged diffs by content.
import { and, asc, eq, inArray } from "drizzle-orm";
import { putPatch } from "./dataset.ts";
import { resolveFaults } from "./faults.ts";
import { attempts, type MergeRow, merges, type SideRow, sides } from "./schema.ts";
import type { Tables } from "./tables.ts";

export type MergeRecord = {
  readonly rows: readonly (typeof merges.$inferInsert)[];
  readonly sides: readonly (typeof sides.$inferInsert)[];
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
            for (const side of record.sides) {
              const { attempt_key, agent_id } = side;
              tx.delete(sides)
                .where(and(eq(sides.attempt_key, attempt_key), eq(sides.agent_id, agent_id)))
                .run();
              tx.insert(sides).values(side).run();
            }
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

    /** The agents' patches of an attempt on its base, in order. */
    sides(attempt_key: string): SideRow[] {
      return db
        .select()
        .from(sides)
        .where(eq(sides.attempt_key, attempt_key))
        .orderBy(asc(sides.position))
        .all();
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
