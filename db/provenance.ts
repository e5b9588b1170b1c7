// Owns what the ledger knows of where a report's numbers come from, counted by run.
import { count, inArray, sql } from "drizzle-orm";
import { attemptSuites, attempts, faults, suiteResults, superseded } from "./schema.ts";
import type { Tables } from "./tables.ts";

export function provenanceStore(db: Tables) {
  return {
    /** The tables that the runs' calls were priced by; null where no call was. */
    prices: (runs: readonly string[]) =>
      db
        .selectDistinct({ run: attempts.run, prices: attempts.prices })
        .from(attempts)
        .where(inArray(attempts.run, [...runs]))
        .orderBy(attempts.run, attempts.prices)
        .all(),

    /** The hosts that attempts of a run were made with; null where none was asked, or none was written down. */
    servers: (run: string) =>
      db
        .select({ server: attempts.server, attempts: count() })
        .from(attempts)
        .where(sql`${attempts.run} = ${run}`)
        .groupBy(attempts.server)
        .all(),

    /** Attempts that repeat another run's answers, and how many of them went another way. */
    replays: (runs: readonly string[]) =>
      db
        .select({
          run: attempts.run,
          replay_of: attempts.replay_of,
          attempts: count(),
          diverged: count(attempts.diverged),
        })
        .from(attempts)
        .where(sql`${inArray(attempts.run, [...runs])} AND ${attempts.replay_of} IS NOT NULL`)
        .groupBy(attempts.run, attempts.replay_of)
        .all(),

    /** Attempts that were done again. */
    superseded: (runs: readonly string[]) =>
      db
        .select({ run: superseded.run, attempts: count() })
        .from(superseded)
        .where(inArray(superseded.run, [...runs]))
        .groupBy(superseded.run)
        .all(),

    /** Faults by code: those that stand, and those whose unit succeeded later. */
    faults: (runs: readonly string[]) =>
      db
        .select({
          run: faults.run,
          code: faults.code,
          open: sql<number>`sum(${faults.resolved_at} IS NULL)`,
          overcome: count(faults.resolved_at),
        })
        .from(faults)
        .where(inArray(faults.run, [...runs]))
        .groupBy(faults.run, faults.code)
        .all(),

    /** Where the runs' suites were tested: an image's digest, or the hash of what stood in for one. */
    environments: (runs: readonly string[]) =>
      db
        .selectDistinct({
          repo: suiteResults.repo,
          task_id: suiteResults.task_id,
          environment: suiteResults.environment,
        })
        .from(attempts)
        .innerJoin(attemptSuites, sql`${attemptSuites.attempt_key} = ${attempts.attempt_key}`)
        .innerJoin(suiteResults, sql`${suiteResults.suite_key} = ${attemptSuites.suite_key}`)
        .where(inArray(attempts.run, [...runs]))
        .orderBy(suiteResults.repo, suiteResults.task_id, suiteResults.environment)
        .all(),
  };
}
