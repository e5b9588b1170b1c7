// Owns merges: one row an attempt and strategy, stored with the merged diffs by content.
import { and, asc, eq, getTableColumns, sql } from "drizzle-orm";
import type { ArtefactChange } from "../lib/core/artefacts.ts";
import { once } from "../lib/core/once.ts";
import { isAmong } from "./answer.ts";
import { putArtefacts } from "./artefacts.ts";
import { putPatch } from "./dataset.ts";
import { resolveFaults } from "./faults.ts";
import { finish, type Holder } from "./holding.ts";
import { attempts, type MergeRow, merges, type SideRow, sides } from "./schema.ts";
import type { Tables } from "./tables.ts";

export type MergeRecord = {
  readonly rows: readonly (typeof merges.$inferInsert)[];
  readonly sides: readonly (typeof sides.$inferInsert)[];
  readonly patches: readonly { hash: string; bytes: Uint8Array }[];
  readonly artefacts?: ArtefactChange;
};

export function mergeStore(db: Tables) {
  const sidesOf = once(() =>
    db
      .select()
      .from(sides)
      .where(eq(sides.attempt_key, sql.placeholder("key")))
      .orderBy(asc(sides.position))
      .prepare(),
  );
  return {
    /**
     * Stores the merges of attempts, replacing earlier ones of the same attempts. With a holder they are its units, and
     * done. Throws Fault `lease_lost` when one is not.
     */
    put(records: readonly MergeRecord[], holder?: Holder): void {
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
            const [unit] = record.rows;
            if (unit === undefined) continue;
            const { attempt_key } = unit;
            const before = tx
              .select()
              .from(merges)
              .where(eq(merges.attempt_key, attempt_key))
              .get();
            for (const row of record.rows) {
              tx.delete(merges)
                .where(
                  and(eq(merges.attempt_key, row.attempt_key), eq(merges.strategy, row.strategy)),
                )
                .run();
              tx.insert(merges).values(row).run();
              resolveFaults(tx, row.attempt_key, "merge");
            }
            if (record.artefacts) putArtefacts(tx, attempt_key, record.artefacts);
            const anew = before && "merged anew";
            if (holder) finish(tx, { unit: attempt_key, step: "merge" }, { ...holder, anew });
          }
        },
        { behavior: "immediate" },
      );
    },

    /** The agents' patches of an attempt on its base, in order. */
    sides(attempt_key: string): SideRow[] {
      return sidesOf().all({ key: attempt_key });
    },

    /** Merges of one attempt. */
    of: (attempt_key: string): MergeRow[] =>
      db.select().from(merges).where(eq(merges.attempt_key, attempt_key)).all(),

    /** Merges by attempt key, for the runs named (all when undefined). */
    byAttempt(runs?: readonly string[]): Map<string, MergeRow[]> {
      const rows = db
        .select(getTableColumns(merges))
        .from(merges)
        .innerJoin(attempts, eq(attempts.attempt_key, merges.attempt_key))
        .where(runs && isAmong(sql`${attempts.run}`, runs))
        .all();
      return Map.groupBy(rows, (row) => row.attempt_key);
    },

    /** Merges of attempts, by attempt key. */
    ofAll(keys: readonly string[]): Map<string, MergeRow[]> {
      const rows = db
        .select()
        .from(merges)
        .where(isAmong(sql`${merges.attempt_key}`, keys))
        .all();
      return Map.groupBy(rows, (row) => row.attempt_key);
    },
  };
}
