// Owns what finished work says about work to come: what attempts cost, how long they and their suites took, what passed.
import { countDistinct, eq, sql } from "drizzle-orm";
import { integer, real, text } from "drizzle-orm/sqlite-core";
import { answer, isAmong, type RowOf } from "./answer.ts";
import type { Policy } from "./schema.ts";
import { attemptSuites, attempts, suiteResults } from "./schema.ts";
import { tableOf } from "./scores.ts";
import type { Tables } from "./tables.ts";

const work = answer({
  run: text().notNull(),
  features: integer().notNull(),
  cost_usd: real(),
  wall_ms: integer().notNull(),
});
/** One finished attempt: features it is about, US dollars (null when a price is unknown), milliseconds. */
export type WorkRow = RowOf<typeof work>;

const share = answer({ pair_key: text().notNull(), passed: real().notNull() });
/** A pair's share of passed attempts, in [0, 1]. */
export type VerdictShare = RowOf<typeof share>;

/** Reads rows of attempts, agents, scores and suites only: quick whatever the transcripts hold. */
export function historyStore(db: Tables) {
  return {
    /** Finished attempts of these runs. */
    work: (runs: readonly string[]): WorkRow[] =>
      work(
        db,
        sql`
          SELECT a.run, length(a.features) - length(replace(a.features, ',', '')) + 1 AS features, a.wall_ms,
                 CASE WHEN count(*) = count(g.cost_usd) THEN sum(g.cost_usd) END AS cost_usd
          FROM attempts a JOIN agents g ON g.attempt_key = a.attempt_key
          WHERE ${isAmong(sql`a.run`, runs)}
          GROUP BY a.attempt_key`,
      ),

    /** Verdicts on these runs' attempts under one policy, by pair. */
    verdicts: (runs: readonly string[], policy: Policy): VerdictShare[] =>
      share(
        db,
        sql`
          SELECT a.pair_key, avg(s.passed) AS passed
          FROM attempts a JOIN ${tableOf(policy)} s ON s.attempt_key = a.attempt_key AND s.policy = ${policy}
          WHERE s.passed IS NOT NULL AND ${isAmong(sql`a.run`, runs)}
          GROUP BY a.pair_key`,
      ),

    /** How many different suites each evaluated attempt of these runs rests on. */
    suiteCounts: (runs: readonly string[]): number[] =>
      db
        .select({ suites: countDistinct(attemptSuites.suite_key) })
        .from(attempts)
        .innerJoin(attemptSuites, eq(attemptSuites.attempt_key, attempts.attempt_key))
        .where(isAmong(sql`${attempts.run}`, runs))
        .groupBy(attempts.attempt_key)
        .all()
        .map(({ suites }) => suites),

    /** Milliseconds that suites of these repositories took. */
    suiteTimes: (repos: readonly string[]): number[] =>
      db
        .select({ duration_ms: suiteResults.duration_ms })
        .from(suiteResults)
        .where(isAmong(sql`${suiteResults.repo}`, repos))
        .all()
        .map(({ duration_ms }) => duration_ms),
  };
}
