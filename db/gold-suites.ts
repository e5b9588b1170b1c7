// Owns what suites said of the reference patches of a pair: alone and merged, beside which others' results are read.
import { and, asc, eq, sql } from "drizzle-orm";
import { GOLD_AGENT } from "../lib/core/gold.ts";
import { attemptSuites, attempts, checks, runs, suiteResults } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** The suite of a feature on its own reference patch, or on those of the pair merged. */
export type GoldSuite = {
  readonly on: "alone" | "merged";
  readonly suite: typeof suiteResults.$inferSelect;
};
type Pair = { readonly pair_key: string; readonly repo: string; readonly task_id: number };

export function goldSuiteStore(db: Tables) {
  let read: ReturnType<typeof statements> | undefined;
  return {
    /** Results of runs of the reference patches first, then those of check-dataset; in any surroundings and of any version. */
    ofPair({ pair_key, repo, task_id }: Pair): GoldSuite[] {
      read ??= statements(db);
      const ran = read.ran.all({ pair_key });
      const checked = read.checked.all({ repo, task_id });
      return [
        ...ran.map(
          ({ tested, suite }) => ({ on: tested === "alone" ? "alone" : "merged", suite }) as const,
        ),
        ...checked.map(({ suite }) => ({ on: "alone", suite }) as const),
      ];
    },
  };
}

function statements(db: Tables) {
  const { tested } = attemptSuites;
  return {
    ran: db
      .select({ tested, suite: suiteResults })
      .from(runs)
      .innerJoin(
        attempts,
        and(eq(attempts.run, runs.run), eq(attempts.pair_key, sql.placeholder("pair_key"))),
      )
      .innerJoin(attemptSuites, eq(attemptSuites.attempt_key, attempts.attempt_key))
      .innerJoin(suiteResults, eq(suiteResults.suite_key, attemptSuites.suite_key))
      .where(and(eq(runs.agent, GOLD_AGENT), sql`${tested} IN ('alone', 'naive', 'union')`))
      // A clean merge says more than one by lines.
      .orderBy(asc(tested))
      .prepare(),
    checked: db
      .select({ suite: suiteResults })
      .from(checks)
      .innerJoin(suiteResults, eq(suiteResults.suite_key, checks.suite_key))
      .where(
        and(
          eq(checks.repo, sql.placeholder("repo")),
          eq(checks.task_id, sql.placeholder("task_id")),
          eq(checks.kind, "gold"),
        ),
      )
      .prepare(),
  };
}
