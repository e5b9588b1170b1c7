// Owns verdicts that others took the place of, and what tells by which rules a verdict was given.
import { desc, sql } from "drizzle-orm";
import { isAmong } from "./answer.ts";
import {
  type EarlierScoreRow,
  earlierScores,
  type ScoreRow,
  type scores,
  suiteResults,
} from "./schema.ts";
import type { Tables } from "./tables.ts";

type Given = typeof scores.$inferInsert;

export function earlierScoreStore(db: Tables) {
  return {
    /** Of these attempts, latest first. */
    of: (keys: readonly string[]): EarlierScoreRow[] =>
      db
        .select()
        .from(earlierScores)
        .where(isAmong(sql`${earlierScores.attempt_key}`, keys))
        .orderBy(desc(earlierScores.replaced_at))
        .all(),

    /** The environments that suites of each task ran in. */
    environments: () =>
      db
        .selectDistinct({
          repo: suiteResults.repo,
          task_id: suiteResults.task_id,
          environment: suiteResults.environment,
        })
        .from(suiteResults)
        .all(),
  };
}

/** Keeps verdicts that are about to be replaced by others, or by none; an equal one says nothing new. */
export function keepEarlier(
  tx: Pick<Tables, "insert">,
  before: readonly ScoreRow[],
  verdicts: readonly Given[],
): void {
  const replaced_at = new Date().toISOString();
  for (const row of before) {
    const now = verdicts.find(({ policy }) => policy === row.policy);
    if (now !== undefined && found(now) === found(row)) continue;
    tx.insert(earlierScores)
      .values({ ...row, replaced_at })
      .onConflictDoNothing()
      .run();
  }
}

function found({ inputs_hash, outcome, path = null, cause = null }: Given): string {
  return JSON.stringify([inputs_hash, outcome, path, cause]);
}
