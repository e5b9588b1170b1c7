// Owns what the measures of a report read: merges, couplings, talk and expenses of runs, summed up in SQL where rows are many.
import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import { integer, real, text } from "drizzle-orm/sqlite-core";
import { MERGE_STATUSES, SETTINGS } from "../lib/core/vocabulary.ts";
import { answer, isAmong, type RowOf } from "./answer.ts";
import { moment } from "./columns.ts";
import { attempts, sides } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** Which attempts: those of these runs, or of them only those with these keys. */
export type MeasureScope = {
  readonly runs: readonly string[];
  readonly only?: readonly string[] | undefined;
};
const ofAttempt = { run: text().notNull(), attempt_key: text().notNull() };

const anatomy = answer({
  ...ofAttempt,
  repo: text().notNull(),
  task_id: integer().notNull(),
  status: text({ enum: MERGE_STATUSES }),
  sections: integer(),
  lines: integer(),
  files: integer(),
  score: integer(),
  severity: text(),
  /** 1 when a fault of it is open. */
  fault: integer().notNull(),
});
/** A coop attempt; status and anatomy are of its naive merge, null before that (and for a fault that kept it from happening). */
export type AnatomyRow = RowOf<typeof anatomy>;

const coupling = answer({
  ...ofAttempt,
  /** Name of the run's agent. */
  agent: text().notNull(),
  status: text({ enum: MERGE_STATUSES }).notNull(),
  gold_status: text({ enum: MERGE_STATUSES }),
  file_jaccard: real(),
  shared_base_lines: integer(),
  shared_anchors: integer(),
  min_hunk_distance: integer(),
  same_scope: integer(),
  same_new_symbol: integer(),
});
/** A merged coop attempt with the traits of its pair's gold patches (null for three and more) and both merges' statuses. */
export type CoupledRow = RowOf<typeof coupling>;

const talk = answer({
  ...ofAttempt,
  messages: integer().notNull(),
  sends: integer(),
  receives: integer(),
  actions: integer(),
  talk_steps: integer(),
  talk_tokens: integer(),
  talk_cost_usd: real(),
  tokens: integer(),
  cost_usd: real(),
});
/**
 * What the agents of a coop attempt did, summed over their steps; null where they were not counted. `talk_…` is of the steps
 * in which a message was sent or read.
 */
export type TalkRow = RowOf<typeof talk>;

const saying = answer({
  ...ofAttempt,
  seq: integer().notNull(),
  sender: text().notNull(),
  recipient: text().notNull(),
  content: text().notNull(),
  sent_at: moment(),
  sent_step: integer(),
  read_at: moment(),
  read_step: integer(),
  started_at: moment().notNull(),
  /** 1 for an attempt that was read from another system's logs. */
  imported: integer().notNull(),
  /** 0 where those logs do not tell when messages were read. */
  reads_kept: integer().notNull(),
  status: text({ enum: MERGE_STATUSES }),
});
/** A message with what its attempt says of it. */
export type SaidRow = RowOf<typeof saying>;

const expense = answer({
  ...ofAttempt,
  setting: text({ enum: SETTINGS }).notNull(),
  prices: text(),
  attempt_wall_ms: integer(),
  cost_usd: real(),
  input_tokens: integer(),
  output_tokens: integer(),
  cache_read_tokens: integer(),
  cache_write_tokens: integer(),
  reasoning_tokens: integer(),
  steps: integer(),
  wall_ms: integer(),
  /** Time of steps and summaries together. */
  model_ms: integer(),
  summaries: integer(),
  summary_tokens: integer(),
  summary_cost_usd: real(),
});
/** What an agent of an attempt used up; null where unknown. Summaries are in the tokens and the cost. */
export type SpentRow = RowOf<typeof expense>;

function inScope({ runs, only }: MeasureScope): SQL {
  const ofRuns = isAmong(sql`a.run`, runs);
  return only === undefined ? ofRuns : sql`${ofRuns} AND ${isAmong(sql`a.attempt_key`, only)}`;
}
const TOKENS = sql`input_tokens + output_tokens + cache_read_tokens + cache_write_tokens`;

const anatomies = (scope: MeasureScope) => sql`
  SELECT a.run, a.attempt_key, a.repo, a.task_id, m.status, m.sections, m.lines, m.files, m.score, m.severity,
         EXISTS (SELECT 1 FROM faults f WHERE f.unit = a.attempt_key AND f.resolved_at IS NULL
                  AND f.step IN ('run', 'merge', 'eval')) AS fault
  FROM attempts a
  JOIN runs r ON r.run = a.run AND r.setting = 'coop'
  LEFT JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
  WHERE ${inScope(scope)}
  UNION ALL
  SELECT a.run, a.attempt_key, a.repo, a.task_id, NULL, NULL, NULL, NULL, NULL, NULL, 1
  FROM (SELECT DISTINCT run, unit AS attempt_key, repo, task_id FROM faults
        WHERE resolved_at IS NULL AND step IN ('run', 'merge', 'eval')) a
  JOIN runs r ON r.run = a.run AND r.setting = 'coop'
  WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE attempt_key = a.attempt_key) AND ${inScope(scope)}
  ORDER BY 1, 3, 4, 2`;

/** A gold status that was never asked for is that of a gold agent's attempt at the pair, when there is one. */
const couplings = (scope: MeasureScope) => sql`
  WITH gold AS MATERIALIZED (
    SELECT b.pair_key, min(n.status) AS status
    FROM runs g
    CROSS JOIN attempts b ON b.run = g.run
    CROSS JOIN merges n ON n.attempt_key = b.attempt_key AND n.strategy = 'naive'
    WHERE g.agent = 'gold' AND g.setting = 'coop' GROUP BY b.pair_key
  )
  SELECT a.run, a.attempt_key, r.agent, m.status, coalesce(p.gold_naive, g.status) AS gold_status,
         p.file_jaccard, p.shared_base_lines, p.shared_anchors, p.min_hunk_distance, p.same_scope, p.same_new_symbol
  FROM attempts a
  JOIN runs r ON r.run = a.run AND r.setting = 'coop'
  JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
  LEFT JOIN pair_versions p ON p.pair_key = a.pair_key AND p.task_hash = coalesce(
    (SELECT v.task_hash FROM task_versions v WHERE (v.repo, v.task_id, v.task_hash) = (a.repo, a.task_id, a.task_hash)),
    (SELECT t.task_hash FROM tasks t WHERE (t.repo, t.task_id) = (a.repo, a.task_id)))
  LEFT JOIN gold g ON g.pair_key = a.pair_key
  WHERE ${inScope(scope)}
  ORDER BY a.run, a.attempt_key`;

/**
 * A command that sends is one action, a message that is sent without one is another, a message read is one more. Where
 * an attempt has no row of a step: nothing was done if all its agents have 0 steps, else it was not recorded.
 */
const talking = (scope: MeasureScope) => sql`
  WITH attempted AS MATERIALIZED (
    SELECT a.run, a.attempt_key,
           (SELECT count(*) FROM messages m WHERE m.attempt_key = a.attempt_key) AS messages
    FROM attempts a JOIN runs r ON r.run = a.run AND r.setting = 'coop'
    WHERE ${inScope(scope)}
  ), spent AS (
    SELECT g.attempt_key, count(*) = count(nullif(g.steps = 0, 0)) AS idle,
           CASE WHEN count(*) = count(${TOKENS}) THEN sum(${TOKENS}) END AS tokens,
           CASE WHEN count(*) = count(cost_usd) THEN sum(cost_usd) END AS cost_usd
    FROM attempted a CROSS JOIN agents g ON g.attempt_key = a.attempt_key GROUP BY g.attempt_key
  ), done AS (
    SELECT s.attempt_key, sum(s.messages_sent) AS sends, sum(s.messages_received) AS receives,
           sum(max(s.commands, s.messages_sent) + s.messages_received) AS actions,
           sum(s.messages_sent + s.messages_received > 0) AS talk_steps,
           coalesce(sum(${TOKENS}) FILTER (WHERE s.messages_sent + s.messages_received > 0), 0) AS talk_tokens,
           count(*) FILTER (WHERE s.messages_sent + s.messages_received > 0 AND s.cost_usd IS NULL) AS unpriced,
           total(s.cost_usd) FILTER (WHERE s.messages_sent + s.messages_received > 0) AS talk_cost_usd
    FROM attempted a CROSS JOIN steps s ON s.attempt_key = a.attempt_key GROUP BY s.attempt_key
  )
  SELECT a.run, a.attempt_key, a.messages,
         coalesce(d.sends, n.zero) AS sends, coalesce(d.receives, n.zero) AS receives,
         coalesce(d.actions, n.zero) AS actions, coalesce(d.talk_steps, n.zero) AS talk_steps,
         coalesce(d.talk_tokens, n.zero) AS talk_tokens,
         CASE WHEN d.unpriced > 0 THEN NULL ELSE coalesce(d.talk_cost_usd, n.zero) END AS talk_cost_usd,
         s.tokens, s.cost_usd
  FROM attempted a
  LEFT JOIN spent s ON s.attempt_key = a.attempt_key
  LEFT JOIN done d ON d.attempt_key = a.attempt_key
  LEFT JOIN (SELECT 0 AS zero) n ON s.idle AND a.messages = 0
  ORDER BY a.run, a.attempt_key`;

const sayings = (keys: readonly string[]) => sql`
  SELECT a.run, m.attempt_key, m.seq, m.sender, m.recipient, m.content, m.sent_at, m.sent_step, m.read_at, m.read_step,
         a.started_at, i.attempt_key IS NOT NULL AS imported,
         coalesce(i.reads_kept, 1) AS reads_kept, g.status
  FROM attempts a
  JOIN messages m ON m.attempt_key = a.attempt_key
  LEFT JOIN imported i ON i.attempt_key = a.attempt_key
  LEFT JOIN merges g ON g.attempt_key = a.attempt_key AND g.strategy = 'naive'
  WHERE ${isAmong(sql`a.attempt_key`, keys)}
  ORDER BY a.run, m.attempt_key, m.seq`;

/** Summaries first, and by themselves: there are few of them among very many calls. */
const expenses = (scope: MeasureScope) => sql`
  WITH summaries AS MATERIALIZED (
    SELECT attempt_key, agent_id, count(*) AS summaries, sum(${TOKENS}) AS tokens, sum(latency_ms) AS latency_ms,
           CASE WHEN count(*) = count(cost_usd) THEN sum(cost_usd) END AS cost_usd
    FROM calls WHERE purpose = 'summary' GROUP BY attempt_key, agent_id
  )
  SELECT a.run, a.attempt_key, r.setting, a.prices, nullif(a.wall_ms, CASE WHEN n.zero IS NULL THEN 0 END) AS attempt_wall_ms, g.cost_usd, g.input_tokens,
         g.output_tokens, g.cache_read_tokens, g.cache_write_tokens, g.reasoning_tokens, g.steps, g.wall_ms,
         g.model_ms + coalesce(s.latency_ms, 0) AS model_ms,
         coalesce(s.summaries, n.zero) AS summaries, coalesce(s.tokens, n.zero) AS summary_tokens,
         CASE WHEN s.summaries > 0 THEN s.cost_usd ELSE n.zero END AS summary_cost_usd
  FROM attempts a
  JOIN runs r ON r.run = a.run
  JOIN agents g ON g.attempt_key = a.attempt_key
  LEFT JOIN summaries s ON s.attempt_key = g.attempt_key AND s.agent_id = g.agent_id
  -- An imported attempt has no row of a call, which does not say that nothing was summed up; and 0 ms stand for no time known.
  LEFT JOIN (SELECT 0 AS zero) n ON NOT EXISTS (SELECT 1 FROM imported i WHERE i.attempt_key = a.attempt_key)
  WHERE ${inScope(scope)}
  ORDER BY a.run, a.attempt_key, g.position`;

/** Attempts whose messages are in memory at a time. */
const AT_A_TIME = 50;

/** Reads no row of a step, call or message into memory except where noted. */
export function measureStore(db: Tables) {
  let patchesOf: ReturnType<typeof sidePatches> | undefined;
  return {
    /** Coop attempts with their naive merges, and those that a fault kept from happening. */
    anatomies: (scope: MeasureScope) => anatomy(db, anatomies(scope)),

    /** Merged coop attempts with the coupling of their gold patches. */
    coupled: (scope: MeasureScope) => coupling(db, couplings(scope)),

    /** The patches that went into an attempt's merge, in order; bytes by their hash. */
    sidePatches(attempt_key: string) {
      patchesOf ??= sidePatches(db);
      return patchesOf.all({ attempt_key });
    },

    /** What coop attempts spent on talking. */
    talk: (scope: MeasureScope) => talk(db, talking(scope)),

    /** Messages with their texts, those of an attempt together and in order; of a few attempts at a time. */
    *said(scope: MeasureScope): Generator<SaidRow> {
      const keys = talkers(scope);
      for (let at = 0; at < keys.length; at += AT_A_TIME)
        yield* saying(db, sayings(keys.slice(at, at + AT_A_TIME)));
    },

    /** What each agent used up. */
    spent: (scope: MeasureScope) => expense(db, expenses(scope)),
  };

  function talkers({ runs, only }: MeasureScope): string[] {
    const ofRuns = isAmong(sql`${attempts.run}`, runs);
    const wanted = only && isAmong(sql`${attempts.attempt_key}`, only);
    return db
      .select({ key: attempts.attempt_key })
      .from(attempts)
      .where(and(ofRuns, wanted))
      .orderBy(asc(attempts.run), asc(attempts.attempt_key))
      .all()
      .map(({ key }) => key);
  }
}

/** Prepared once: there are thousands of attempts. */
function sidePatches(db: Tables) {
  return db
    .select({ status: sides.status, patch: sides.patch })
    .from(sides)
    .where(eq(sides.attempt_key, sql.placeholder("attempt_key")))
    .orderBy(asc(sides.position))
    .prepare();
}
