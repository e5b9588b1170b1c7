// Owns what the report's pages read of the ledger: everything of one attempt, and the columns that overviews draw.
import { and, asc, desc, eq, getTableName, inArray, ne, type SQL, sql } from "drizzle-orm";
import { integer, text } from "drizzle-orm/sqlite-core";
import { once } from "../lib/core/once.ts";
import { answer } from "./answer.ts";
import { UNANSWERED } from "./labels.ts";
import {
  agents,
  annotations,
  attemptSuites,
  attempts,
  calls,
  checks,
  faults,
  imported,
  journal,
  labels,
  merges,
  messages,
  published,
  runs,
  scores,
  sides,
  steps,
  suiteResults,
  superseded,
} from "./schema.ts";
import type { Tables } from "./tables.ts";

const latestMoment = answer({ at: text() });
const dataVersion = answer({ data_version: integer().notNull() });

/** Everything the ledger holds of one attempt but bytes; patches and outputs are named by their hash. */
export type AttemptPage = NonNullable<ReturnType<ReturnType<typeof attemptReader>["whole"]>>;

/** Who took part, what they said, handed in, and what git made of it. */
export type AttemptWork = Pick<
  AttemptPage,
  "attempt" | "agents" | "messages" | "merges" | "imported"
>;

export function pageStore(db: Tables) {
  const reader = once(() => attemptReader(db));
  const faultsOf = once(() =>
    db
      .select()
      .from(faults)
      .where(eq(faults.unit, sql.placeholder("unit")))
      .orderBy(asc(faults.id))
      .prepare(),
  );
  return {
    /** All rows of an attempt; undefined when there is none of that key. */
    attempt(attempt_key: string): AttemptPage | undefined {
      return reader().whole(attempt_key);
    },

    /** What two attempts are compared by; undefined when there is none of that key. */
    work(attempt_key: string): AttemptWork | undefined {
      return reader().work(attempt_key);
    },

    /** Faults of a unit, overcome ones too, oldest first. */
    faults: (unit: string) => faultsOf().all({ unit }),

    /** When messages were sent and read, with the times of their attempts. */
    messageTimes: (runs: readonly string[]) =>
      db
        .select({
          run: attempts.run,
          attempt_key: messages.attempt_key,
          sender: messages.sender,
          sent_at: messages.sent_at,
          /** 1 for a message that was never read; null where the time of reading was not recorded. */
          unread: sql<
            number | null
          >`IIF(${imported.reads_kept} = 0, NULL, ${messages.read_at} IS NULL)`,
          started_at: attempts.started_at,
          wall_ms: attempts.wall_ms,
        })
        .from(messages)
        .innerJoin(attempts, eq(attempts.attempt_key, messages.attempt_key))
        .leftJoin(imported, eq(imported.attempt_key, messages.attempt_key))
        .where(inArray(attempts.run, [...runs]))
        .orderBy(asc(messages.attempt_key), asc(messages.seq))
        .all(),

    /** What each agent of the runs used up, and how it ended. */
    agents: (runs: readonly string[]) =>
      db
        .select({ run: attempts.run, agent: agents })
        .from(agents)
        .innerJoin(attempts, eq(attempts.attempt_key, agents.attempt_key))
        .where(inArray(attempts.run, [...runs]))
        .all(),

    /** Outcomes that others published, in every table of them. */
    published: () =>
      db
        .select({
          source: published.source,
          pair_key: published.pair_key,
          model: published.model,
          setting: published.setting,
          passed: published.passed,
          has_conflict: published.has_conflict,
        })
        .from(published)
        .orderBy(asc(published.source), asc(published.pair_key))
        .all(),

    /** When an attempt last ended, was merged or was scored; null for a ledger without attempts. */
    latest: (): string | null =>
      latestMoment(
        db,
        sql`SELECT max(at) AS at FROM (SELECT max(ended_at) AS at FROM attempts UNION ALL SELECT max(merged_at) FROM merges UNION ALL SELECT max(scored_at) FROM scores)`,
      )[0]?.at ?? null,

    /**
     * Changes with everything that reports and pages of results rest on, and not with heartbeats: of each table how many
     * rows it has, and its last one. The journal has a row for whatever is done to a unit.
     */
    results: (): string => resultsOf(db),

    /** Changes with every write of another process. */
    version: (): number =>
      dataVersion(db, sql`SELECT data_version FROM pragma_data_version`)[0]?.data_version ?? 0,
  };
}

const RESULTS = [
  ...[attempts, merges, scores, faults, journal, labels, annotations, imported, published],
  ...[runs, superseded, attemptSuites, checks],
] as const;
const tableState = answer({ name: text().notNull(), rows: integer().notNull(), last: integer() });

function resultsOf(db: Tables): string {
  const each = RESULTS.map(
    (table) =>
      sql`SELECT ${getTableName(table)} AS name, count(*) AS rows, max(rowid) AS last FROM ${table}`,
  );
  const rows = tableState(db, sql.join(each, sql` UNION ALL `));
  return rows.map(({ name, rows: n, last }) => `${name} ${n} ${last}`).join(", ");
}

const is = (column: Parameters<typeof eq>[0]): SQL => eq(column, sql.placeholder("key"));

/** What was decided of an attempt: its merges, suites, scores and labels. */
function verdictStatements(db: Tables) {
  return {
    merges: db
      .select()
      .from(merges)
      .where(is(merges.attempt_key))
      .orderBy(asc(merges.strategy))
      .prepare(),
    sides: db
      .select()
      .from(sides)
      .where(is(sides.attempt_key))
      .orderBy(asc(sides.position))
      .prepare(),
    suites: db
      .select({ tested: attemptSuites.tested, suite: suiteResults })
      .from(attemptSuites)
      .innerJoin(suiteResults, eq(suiteResults.suite_key, attemptSuites.suite_key))
      .where(is(attemptSuites.attempt_key))
      .orderBy(asc(attemptSuites.tested), asc(attemptSuites.feature_id))
      .prepare(),
    scores: db
      .select()
      .from(scores)
      .where(is(scores.attempt_key))
      .orderBy(asc(scores.policy))
      .prepare(),
    labels: db
      .select()
      .from(labels)
      .where(and(is(labels.attempt_key), ne(labels.subject, UNANSWERED)))
      .orderBy(asc(labels.measure), asc(labels.subject))
      .prepare(),
  };
}

/** Prepared once: a site reads thousands of attempts. */
function attemptReader(db: Tables) {
  const all = {
    ...verdictStatements(db),
    attempt: db.select().from(attempts).where(is(attempts.attempt_key)).prepare(),
    agents: db
      .select()
      .from(agents)
      .where(is(agents.attempt_key))
      .orderBy(asc(agents.position))
      .prepare(),
    steps: db
      .select()
      .from(steps)
      .where(is(steps.attempt_key))
      .orderBy(asc(steps.agent_id), asc(steps.step))
      .prepare(),
    calls: db
      .select()
      .from(calls)
      .where(is(calls.attempt_key))
      .orderBy(asc(calls.agent_id), asc(calls.seq))
      .prepare(),
    messages: db
      .select()
      .from(messages)
      .where(is(messages.attempt_key))
      .orderBy(asc(messages.seq))
      .prepare(),
    imported: db.select().from(imported).where(is(imported.attempt_key)).prepare(),
    superseded: db
      .select({
        generation: superseded.generation,
        reason: superseded.reason,
        outcome: superseded.outcome,
        passed: superseded.passed,
        cost_usd: superseded.cost_usd,
        superseded_at: superseded.superseded_at,
        folder: superseded.folder,
      })
      .from(superseded)
      .where(is(superseded.attempt_key))
      .orderBy(desc(superseded.generation))
      .prepare(),
  };
  const work = (attempt_key: string) => {
    const at = { key: attempt_key };
    const attempt = all.attempt.get(at);
    if (attempt === undefined) return undefined;
    return {
      attempt,
      agents: all.agents.all(at),
      messages: all.messages.all(at),
      merges: all.merges.all(at),
      imported: all.imported.get(at),
    };
  };
  const whole = (attempt_key: string) => {
    const at = { key: attempt_key };
    const done = work(attempt_key);
    if (done === undefined) return undefined;
    return {
      ...done,
      steps: all.steps.all(at),
      calls: all.calls.all(at),
      sides: all.sides.all(at),
      suites: all.suites.all(at),
      scores: all.scores.all(at),
      labels: all.labels.all(at),
      superseded: all.superseded.all(at),
    };
  };
  return { work, whole };
}
