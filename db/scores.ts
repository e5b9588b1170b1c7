// Owns suite results (shared by every attempt with the same tree) and the verdicts that rest on them.
import { and, count, eq, ne, sql } from "drizzle-orm";
import { type ArtefactChange, putArtefacts } from "./artefacts.ts";
import { resolveFaults } from "./faults.ts";
import {
  attemptSuites,
  outputs,
  type ScoreRow,
  type SuiteResultRow,
  scores,
  suiteResults,
} from "./schema.ts";
import type { Tables } from "./tables.ts";
import { finish } from "./work.ts";

/** The policy under which the old system's own verdicts are kept. */
const OLD_SYSTEM = "0.0.14";

export type SuiteRecord = {
  readonly result: typeof suiteResults.$inferInsert;
  readonly output: {
    readonly hash: string;
    readonly size_bytes: number;
    readonly zstd: Uint8Array;
  };
};

export function scoreStore(db: Tables) {
  return {
    /** The stored result of a piece of testing, if it was done before. */
    suite(suite_key: string): SuiteResultRow | undefined {
      return db.select().from(suiteResults).where(eq(suiteResults.suite_key, suite_key)).get();
    },

    /** How many suite results there are, and the milliseconds that their tests took together. */
    suiteTotals(): { suites: number; runner_ms: number } {
      const runner_ms = sql<number>`coalesce(sum(${suiteResults.duration_ms}), 0)`;
      const totals = db.select({ suites: count(), runner_ms }).from(suiteResults).get();
      return totals ?? { suites: 0, runner_ms: 0 };
    },

    /** Stores one suite result with its raw output; an earlier one under the same key is replaced. */
    putSuite({ result, output }: SuiteRecord): void {
      db.transaction((tx) => {
        tx.insert(outputs)
          .values({ ...output, zstd: Buffer.from(output.zstd) })
          .onConflictDoNothing()
          .run();
        const { suite_key, ...rest } = result;
        tx.insert(suiteResults)
          .values(result)
          .onConflictDoUpdate({ target: suiteResults.suite_key, set: { ...rest } })
          .run();
      });
    },

    /** The raw output of a suite, uncompressed bytes. */
    output(hash: string): Uint8Array | undefined {
      const row = db.select().from(outputs).where(eq(outputs.hash, hash)).get();
      return row === undefined ? undefined : Bun.zstdDecompressSync(row.zstd);
    },

    /**
     * Stores the verdicts on one attempt under these policies, and which suite results they rest on. The old
     * system's verdict and the others are kept apart: storing one leaves the other. With an owner the attempt is its
     * unit, and done. Throws Fault `lease_lost` when it is not.
     */
    put(
      attempt_key: string,
      verdicts: readonly (typeof scores.$inferInsert)[],
      suites: readonly (typeof attemptSuites.$inferInsert)[],
      done: {
        readonly owner?: string | undefined;
        readonly artefacts?: ArtefactChange;
      } = {},
    ): void {
      db.transaction(
        (tx) => {
          const isOld = verdicts.some(({ policy }) => policy === OLD_SYSTEM);
          const [same, step] = isOld ? [eq, "compat" as const] : [ne, "eval" as const];
          const alike = and(eq(scores.attempt_key, attempt_key), same(scores.policy, OLD_SYSTEM));
          const before = tx.select().from(scores).where(alike).get();
          tx.delete(scores).where(alike).run();
          tx.delete(attemptSuites)
            .where(
              and(
                eq(attemptSuites.attempt_key, attempt_key),
                same(attemptSuites.tested, OLD_SYSTEM),
              ),
            )
            .run();
          for (const row of verdicts) tx.insert(scores).values(row).run();
          for (const row of suites) tx.insert(attemptSuites).values(row).run();
          if (done.artefacts) putArtefacts(tx, attempt_key, done.artefacts);
          resolveFaults(tx, attempt_key, step);
          const { owner } = done;
          const anew = before && "judged anew";
          if (owner !== undefined) finish(tx, { unit: attempt_key, step }, { owner, anew });
        },
        { behavior: "immediate" },
      );
    },

    /** The verdict on one attempt under one policy. */
    of: (attempt_key: string, policy: ScoreRow["policy"]): ScoreRow | undefined =>
      db
        .select()
        .from(scores)
        .where(and(eq(scores.attempt_key, attempt_key), eq(scores.policy, policy)))
        .get(),

    /** Verdicts under one policy by attempt key, for the runs named (all when undefined). */
    byAttempt(policy: ScoreRow["policy"], runs?: readonly string[]): Map<string, ScoreRow> {
      const among = runs === undefined ? sql`1` : sql`attempts.run IN ${[...runs]}`;
      const rows = db.all<Omit<ScoreRow, "passed"> & { passed: number }>(
        sql`SELECT scores.* FROM scores JOIN attempts USING (attempt_key) WHERE policy = ${policy} AND ${among}`,
      );
      return new Map(rows.map((row) => [row.attempt_key, { ...row, passed: row.passed === 1 }]));
    },

    /** Verdicts on attempts under one policy, by attempt key. */
    ofAll(policy: ScoreRow["policy"], keys: readonly string[]): Map<string, ScoreRow> {
      const rows = db.all<Omit<ScoreRow, "passed"> & { passed: number }>(
        sql`SELECT * FROM scores WHERE policy = ${policy}
            AND attempt_key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`,
      );
      return new Map(rows.map((row) => [row.attempt_key, { ...row, passed: row.passed === 1 }]));
    },
  };
}
