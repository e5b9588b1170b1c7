// Owns what the measures of a report read: merges, couplings, talk and expenses of runs, summed up in SQL where rows are many.
import type { MergeStatus, MessageRow, Setting, SideStatus } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** Which attempts: those of these runs, or of them only those with these keys. */
export type MeasureScope = {
  readonly runs: readonly string[];
  readonly only?: readonly string[] | undefined;
};
type OfAttempt = { readonly run: string; readonly attempt_key: string };

/** A coop attempt; status and anatomy are of its naive merge, null before that (and for a fault that kept it from happening). */
export type AnatomyRow = OfAttempt & {
  readonly repo: string;
  readonly task_id: number;
  readonly status: MergeStatus | null;
  readonly sections: number | null;
  readonly lines: number | null;
  readonly files: number | null;
  readonly score: number | null;
  readonly severity: string | null;
  /** 1 when a fault of it is open. */
  readonly fault: number;
};
/** A merged coop attempt with the traits of its pair's gold patches (null for three and more) and both merges' statuses. */
export type CoupledRow = OfAttempt & {
  /** Name of the run's agent. */
  readonly agent: string;
  readonly status: MergeStatus;
  readonly gold_status: MergeStatus | null;
  readonly file_jaccard: number | null;
  readonly shared_base_lines: number | null;
  readonly shared_anchors: number | null;
  readonly min_hunk_distance: number | null;
  readonly same_scope: number | null;
  readonly same_new_symbol: number | null;
};
/** An agent's patch as it went into the merge; bytes by its hash. */
export type SidePatchRow = { readonly status: SideStatus; readonly patch: string };
/**
 * What the agents of a coop attempt did, summed over their steps; null where nobody counted. `talk_…` is of the steps
 * in which a message was sent or read.
 */
export type TalkRow = OfAttempt & {
  readonly messages: number;
  readonly sends: number | null;
  readonly receives: number | null;
  readonly actions: number | null;
  readonly talk_steps: number | null;
  readonly talk_tokens: number | null;
  readonly talk_cost_usd: number | null;
  readonly tokens: number | null;
  readonly cost_usd: number | null;
};
/** A message with what its attempt says of it. */
export type SaidRow = OfAttempt &
  Omit<MessageRow, "attempt_key" | "acknowledged_at"> & {
    readonly started_at: string;
    /** 1 for an attempt that was read from another system's logs. */
    readonly imported: number;
    readonly status: MergeStatus | null;
  };
/** What an agent of an attempt used up; null where nobody knows. Summaries are in the tokens and the cost. */
export type SpentRow = OfAttempt & {
  readonly setting: Setting;
  readonly prices: string | null;
  readonly attempt_wall_ms: number | null;
  readonly cost_usd: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly steps: number | null;
  readonly wall_ms: number | null;
  /** Time of steps and summaries together. */
  readonly model_ms: number | null;
  readonly summaries: number | null;
  readonly summary_tokens: number | null;
  readonly summary_cost_usd: number | null;
};

const IN_SCOPE = `a.run IN (SELECT value FROM json_each($runs))
  AND ($only IS NULL OR a.attempt_key IN (SELECT value FROM json_each($only)))`;
const TOKENS = "input_tokens + output_tokens + cache_read_tokens + cache_write_tokens";

const ANATOMIES = `
  SELECT a.run, a.attempt_key, a.repo, a.task_id, m.status, m.sections, m.lines, m.files, m.score, m.severity,
         EXISTS (SELECT 1 FROM faults f WHERE f.unit = a.attempt_key AND f.resolved_at IS NULL
                  AND f.step IN ('run', 'merge', 'eval')) AS fault
  FROM attempts a
  JOIN runs r ON r.run = a.run AND r.setting = 'coop'
  LEFT JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
  WHERE ${IN_SCOPE}
  UNION ALL
  SELECT a.run, a.attempt_key, a.repo, a.task_id, NULL, NULL, NULL, NULL, NULL, NULL, 1
  FROM (SELECT DISTINCT run, unit AS attempt_key, repo, task_id FROM faults
        WHERE resolved_at IS NULL AND step IN ('run', 'merge', 'eval')) a
  JOIN runs r ON r.run = a.run AND r.setting = 'coop'
  WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE attempt_key = a.attempt_key) AND ${IN_SCOPE}
  ORDER BY 1, 3, 4, 2`;

/** A gold status that was never asked for is that of a gold agent's attempt at the pair, when there is one. */
const COUPLED = `
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
  WHERE ${IN_SCOPE}
  ORDER BY a.run, a.attempt_key`;

/**
 * A command that sends is one action, a message that is sent without one is another, a message read is one more. Where
 * an attempt has no row of a step: nothing was done if all its agents say 0 steps, else nobody wrote down what.
 */
const TALK = `
  WITH attempted AS MATERIALIZED (
    SELECT a.run, a.attempt_key,
           (SELECT count(*) FROM messages m WHERE m.attempt_key = a.attempt_key) AS messages
    FROM attempts a JOIN runs r ON r.run = a.run AND r.setting = 'coop'
    WHERE ${IN_SCOPE}
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

const SAID = `
  SELECT a.run, m.attempt_key, m.seq, m.sender, m.recipient, m.content, m.sent_at, m.sent_step, m.read_at, m.read_step,
         a.started_at, i.attempt_key IS NOT NULL AS imported, g.status
  FROM attempts a
  JOIN messages m ON m.attempt_key = a.attempt_key
  LEFT JOIN imported i ON i.attempt_key = a.attempt_key
  LEFT JOIN merges g ON g.attempt_key = a.attempt_key AND g.strategy = 'naive'
  WHERE ${IN_SCOPE}
  ORDER BY a.run, m.attempt_key, m.seq`;

/** Summaries first, and by themselves: there are few of them among very many calls. */
const SPENT = `
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
  WHERE ${IN_SCOPE}
  ORDER BY a.run, a.attempt_key, g.position`;

type Bound = { readonly runs: string; readonly only: string | null };

/** Reads no row of a step, call or message into memory but where it says so. */
export function measureStore(db: Tables) {
  const asked = <Row>(text: string) => db.$client.query<Row, Bound>(text);
  return {
    /** Coop attempts with their naive merges, and those that a fault kept from happening. */
    anatomies: (scope: MeasureScope) => asked<AnatomyRow>(ANATOMIES).all(bound(scope)),

    /** Merged coop attempts with the coupling of their gold patches. */
    coupled: (scope: MeasureScope) => asked<CoupledRow>(COUPLED).all(bound(scope)),

    /** The patches that went into an attempt's merge, in order. */
    sidePatches: (attempt_key: string): SidePatchRow[] =>
      db.$client
        .query<SidePatchRow, { attempt_key: string }>(
          "SELECT status, patch FROM sides WHERE attempt_key = $attempt_key ORDER BY position",
        )
        .all({ attempt_key }),

    /** What coop attempts spent on talking. */
    talk: (scope: MeasureScope) => asked<TalkRow>(TALK).all(bound(scope)),

    /** Messages with their texts, one at a time, those of an attempt together and in order. */
    *said(scope: MeasureScope): Generator<SaidRow> {
      yield* asked<SaidRow>(SAID).iterate(bound(scope));
    },

    /** What each agent used up. */
    spent: (scope: MeasureScope) => asked<SpentRow>(SPENT).all(bound(scope)),
  };
}

function bound({ runs, only }: MeasureScope): Bound {
  return { runs: JSON.stringify(runs), only: only === undefined ? null : JSON.stringify(only) };
}
