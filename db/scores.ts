// Owns suite results (shared by every attempt with the same tree) and the verdicts that rest on them.
import { and, count, eq, inArray, sql } from "drizzle-orm";
import type { ArtefactChange } from "../lib/core/artefacts.ts";
import { eraUnit } from "../lib/core/keys.ts";
import { once } from "../lib/core/once.ts";
import { DERIVED_POLICIES, ERAS, type Policy, type Tested } from "../lib/core/vocabulary.ts";
import { answer } from "./answer.ts";
import { putArtefacts } from "./artefacts.ts";
import { keepEarlier } from "./earlier-scores.ts";
import { resolveFaults } from "./faults.ts";
import { finish, type Holder } from "./holding.ts";
import { scoreColumns } from "./result-tables.ts";
import {
  attemptSuites,
  outputs,
  type ScoreRow,
  type SuiteResultRow,
  scores,
  suiteResults,
} from "./schema.ts";
import type { Tables } from "./tables.ts";

/** What is judged together and replaced together: our own policies, or one era. */
type Judging = { readonly policies: readonly Policy[]; readonly tested: readonly Tested[] };

export type SuiteEnd = Pick<SuiteResultRow, "outcome" | "duration_ms" | "limits">;
export type SuiteRecord = {
  readonly result: typeof suiteResults.$inferInsert;
  readonly output: {
    readonly hash: string;
    readonly size_bytes: number;
    readonly zstd: Uint8Array;
  };
};

export function scoreStore(db: Tables) {
  const outputOf = once(() =>
    db
      .select()
      .from(outputs)
      .where(eq(outputs.hash, sql.placeholder("hash")))
      .prepare(),
  );
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

    /** What our own verdicts on attempts rest on, by attempt key: how each suite ended, how long it took, and its limits. */
    restingOn(keys: readonly string[]): Map<string, SuiteEnd[]> {
      const rows = db
        .select({
          key: attemptSuites.attempt_key,
          outcome: suiteResults.outcome,
          duration_ms: suiteResults.duration_ms,
          limits: suiteResults.limits,
        })
        .from(attemptSuites)
        .innerJoin(suiteResults, eq(suiteResults.suite_key, attemptSuites.suite_key))
        .where(
          and(
            inArray(attemptSuites.tested, [...DERIVED_POLICIES, "alone"]),
            sql`${attemptSuites.attempt_key} IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`,
          ),
        )
        .all();
      return Map.groupBy(rows, ({ key }) => key);
    },

    /** The raw output of a suite, uncompressed bytes. */
    output(hash: string): Uint8Array | undefined {
      const row = outputOf().get({ hash });
      return row === undefined ? undefined : Bun.zstdDecompressSync(row.zstd);
    },

    /**
     * Stores the verdicts on one attempt under these policies, and which suite results they rest on. Our own verdicts
     * and each era's are kept apart: storing one leaves the others. With a holder the attempt is its unit, and done.
     * Throws Fault `lease_lost` when it is not.
     */
    put(
      attempt_key: string,
      verdicts: readonly (typeof scores.$inferInsert)[],
      suites: readonly (typeof attemptSuites.$inferInsert)[],
      done: {
        readonly holder?: Holder | undefined;
        readonly artefacts?: ArtefactChange;
      } = {},
    ): void {
      db.transaction(
        (tx) => {
          const own = ofJudging(attempt_key, judgedWith(verdicts[0]?.policy));
          const before = tx.select().from(scores).where(own.scores).all();
          keepEarlier(tx, before, verdicts);
          tx.delete(scores).where(own.scores).run();
          tx.delete(attemptSuites).where(own.suites).run();
          for (const row of verdicts) tx.insert(scores).values(row).run();
          for (const row of suites) tx.insert(attemptSuites).values(row).run();
          if (done.artefacts) putArtefacts(tx, attempt_key, done.artefacts);
          const { step, unit } = leaseOf(attempt_key, verdicts[0]?.policy);
          resolveFaults(tx, unit, step);
          const { holder } = done;
          const anew = before.length > 0 ? "evaluated again" : undefined;
          if (holder) finish(tx, { unit, step }, { ...holder, anew });
        },
        { behavior: "immediate" },
      );
    },

    /** The verdict on one attempt under one policy. */
    of(attempt_key: string, policy: Policy): ScoreRow | undefined {
      const [row] = score(
        db,
        sql`SELECT ${COLUMNS} FROM ${tableOf(policy)} WHERE attempt_key = ${attempt_key} AND policy = ${policy} AND passed IS NOT NULL`,
      );
      return row;
    },

    /** Verdicts under one policy by attempt key, for the runs named (all when undefined). */
    byAttempt(policy: Policy, runs?: readonly string[]): Map<string, ScoreRow> {
      const among =
        runs === undefined
          ? sql`1`
          : sql`attempt_key IN (SELECT attempt_key FROM attempts WHERE run IN ${[...runs]})`;
      const rows = score(
        db,
        sql`SELECT ${COLUMNS} FROM ${tableOf(policy)} WHERE policy = ${policy} AND passed IS NOT NULL AND ${among}`,
      );
      return new Map(rows.map((row) => [row.attempt_key, row]));
    },

    /** Verdicts on attempts under one policy, by attempt key. */
    ofAll(policy: Policy, keys: readonly string[]): Map<string, ScoreRow> {
      const rows = score(
        db,
        sql`SELECT ${COLUMNS} FROM ${tableOf(policy)} WHERE policy = ${policy}
            AND attempt_key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`,
      );
      return new Map(rows.map((row) => [row.attempt_key, row]));
    },
  };
}

const score = answer(scoreColumns());

const COLUMNS = sql.raw(
  "attempt_key, policy, inputs_hash, outcome, path, passed, cause, scored_at",
);

/** Where verdicts under a policy are: those that were imported are a view of what came with the logs. */
export function tableOf(policy: Policy) {
  return policy === "imported" ? sql.raw("imported_verdicts") : sql.raw("scores");
}

/** The unit that a verdict under this policy ends: an era's is another one than ours. */
function leaseOf(attempt_key: string, policy: Policy | undefined) {
  const era = ERAS.find((name) => name === policy);
  return era === undefined
    ? ({ step: "eval", unit: attempt_key } as const)
    : ({ step: "compat", unit: eraUnit(attempt_key, era) } as const);
}

/** What is replaced when a verdict under this policy is stored. */
function judgedWith(policy: Policy | undefined): Judging {
  const era = ERAS.find((name) => name === policy);
  return era === undefined
    ? { policies: DERIVED_POLICIES, tested: [...DERIVED_POLICIES, "alone"] }
    : { policies: [era], tested: [era] };
}

function ofJudging(attempt_key: string, { policies, tested }: Judging) {
  return {
    scores: and(eq(scores.attempt_key, attempt_key), inArray(scores.policy, [...policies])),
    suites: and(
      eq(attemptSuites.attempt_key, attempt_key),
      inArray(attemptSuites.tested, [...tested]),
    ),
  };
}
