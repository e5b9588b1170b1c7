// Owns what finished work says about work to come: what attempts cost, how long they and their suites took, what passed.
import { sql } from "drizzle-orm";
import type { Policy } from "./schema.ts";
import { tableOf } from "./scores.ts";
import type { Tables } from "./tables.ts";

/** One finished attempt: features it is about, US dollars (null when a price is unknown), milliseconds. */
export type WorkRow = {
  readonly run: string;
  readonly features: number;
  readonly cost_usd: number | null;
  readonly wall_ms: number;
};
/** A pair's share of passed attempts, in [0, 1]. */
export type VerdictShare = { readonly pair_key: string; readonly passed: number };

/** Reads rows of attempts, agents, scores and suites only: quick whatever the transcripts hold. */
export function historyStore(db: Tables) {
  return {
    /** Finished attempts of these runs. */
    work: (runs: readonly string[]): WorkRow[] =>
      db.all<WorkRow>(sql`
        SELECT a.run, length(a.features) - length(replace(a.features, ',', '')) + 1 AS features, a.wall_ms,
               CASE WHEN count(*) = count(g.cost_usd) THEN sum(g.cost_usd) END AS cost_usd
        FROM attempts a JOIN agents g ON g.attempt_key = a.attempt_key
        WHERE a.run IN (SELECT value FROM json_each(${JSON.stringify(runs)}))
        GROUP BY a.attempt_key`),

    /** Verdicts on these runs' attempts under one policy, by pair. */
    verdicts: (runs: readonly string[], policy: Policy): VerdictShare[] =>
      db.all<VerdictShare>(sql`
        SELECT a.pair_key, avg(s.passed) AS passed
        FROM attempts a JOIN ${tableOf(policy)} s ON s.attempt_key = a.attempt_key AND s.policy = ${policy}
        WHERE s.passed IS NOT NULL AND a.run IN (SELECT value FROM json_each(${JSON.stringify(runs)}))
        GROUP BY a.pair_key`),

    /** How many different suites each evaluated attempt of these runs rests on. */
    suiteCounts: (runs: readonly string[]): number[] =>
      db
        .all<{ suites: number }>(sql`
          SELECT count(DISTINCT t.suite_key) AS suites
          FROM attempts a JOIN attempt_suites t ON t.attempt_key = a.attempt_key
          WHERE a.run IN (SELECT value FROM json_each(${JSON.stringify(runs)}))
          GROUP BY a.attempt_key`)
        .map(({ suites }) => suites),

    /** Milliseconds that suites of these repositories took. */
    suiteTimes: (repos: readonly string[]): number[] =>
      db
        .all<{ duration_ms: number }>(sql`
          SELECT duration_ms FROM suite_results
          WHERE repo IN (SELECT value FROM json_each(${JSON.stringify(repos)}))`)
        .map(({ duration_ms }) => duration_ms),
  };
}
