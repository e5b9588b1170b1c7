// Owns what check-dataset found about each feature: the gold ceiling that reports show.
import { and, asc, eq } from "drizzle-orm";
import { finishAgain, type Lease } from "./holding.ts";
import { type CheckRow, checks } from "./schema.ts";
import type { Tables } from "./tables.ts";

type CheckId = Pick<CheckRow, "repo" | "task_id" | "feature_id" | "kind" | "backend" | "task_hash">;

export function checkStore(db: Tables) {
  return {
    /**
     * Stores findings, replacing earlier ones of the same version of the task, feature, check and backend. With a lease the check is its unit,
     * and done. Throws Fault `lease_lost` when it is not.
     */
    put(rows: readonly CheckRow[], lease?: Lease): void {
      db.transaction(
        (tx) => {
          for (const row of rows) {
            const { repo, task_id, feature_id, kind, backend, task_hash, ...found } = row;
            tx.insert(checks)
              .values(row)
              .onConflictDoUpdate({
                target: [
                  checks.repo,
                  checks.task_id,
                  checks.feature_id,
                  checks.kind,
                  checks.backend,
                  checks.task_hash,
                ],
                set: found,
              })
              .run();
          }
          if (lease) finishAgain(tx, { ...lease, step: "check" });
        },
        { behavior: "immediate" },
      );
    },

    /** The finding about one feature of one version of its task by one check on one backend. */
    find: (of: CheckId) =>
      db
        .select()
        .from(checks)
        .where(
          and(
            eq(checks.repo, of.repo),
            eq(checks.task_id, of.task_id),
            eq(checks.feature_id, of.feature_id),
            eq(checks.kind, of.kind),
            eq(checks.backend, of.backend),
            eq(checks.task_hash, of.task_hash),
          ),
        )
        .get(),

    /** Whether a check of the feature in these surroundings ended now so, now otherwise, with the reference patch. */
    isFlaky(of: Omit<CheckId, "kind"> & Pick<CheckRow, "environment">) {
      const gold = this.find({ ...of, kind: "gold" });
      return gold?.flaky === true && gold.environment === of.environment;
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
