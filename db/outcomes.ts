// Owns reading attempts with their verdicts for reports, in the columns of the `outcomes` view.
import { sql } from "drizzle-orm";
import { integer, real, text } from "drizzle-orm/sqlite-core";
import {
  CAUSES,
  MERGE_STATUSES,
  OUTCOMES,
  PATHS,
  type Policy,
  SETTINGS,
} from "../lib/core/vocabulary.ts";
import { answer, type RowOf } from "./answer.ts";
import { byFeatures } from "./columns.ts";
import { tableOf } from "./scores.ts";
import type { Tables } from "./tables.ts";

const outcome = answer({
  attempt_key: text().notNull(),
  run: text().notNull(),
  repo: text().notNull(),
  task_id: integer().notNull(),
  features: text().notNull(),
  setting: text({ enum: SETTINGS }).notNull(),
  agent: text().notNull(),
  model: text(),
  try: integer().notNull(),
  merge_status: text({ enum: MERGE_STATUSES }),
  path: text({ enum: PATHS }),
  outcome: text({ enum: OUTCOMES }),
  passed: integer({ mode: "boolean" }),
  cause: text({ enum: CAUSES }),
  /** US dollars of all its agents; null when one of them is not known. */
  cost_usd: real(),
  /** US dollars of those whose cost is known; null when none is. */
  known_usd: real(),
  steps: integer(),
  messages: integer(),
  wall_ms: integer(),
  fault: text(),
  /** Model calls that each agent may make; null for runs whose agents ask no model. */
  max_steps: integer(),
  /** The version of the task that it was made on; null for what a fault prevented. */
  task_hash: text(),
});
/** One row an attempt (or an attempt that a fault prevented), under one policy. */
export type OutcomeRow = RowOf<typeof outcome>;

export function outcomeStore(db: Tables) {
  return {
    /**
     * All rows of the runs named (all when undefined), scored under `policy`. Under `imported` merges are the other
     * system's too, and only what kept it from a verdict is a fault.
     */
    rows(policy: Policy, runs?: readonly string[]): OutcomeRow[] {
      const where = runs === undefined ? sql`1` : sql`o.run IN ${[...runs]}`;
      const [merge_status, fault] = policy === "imported" ? THEIRS : OURS;
      return outcome(
        db,
        sql`
        SELECT o.attempt_key, o.run, o.repo, o.task_id, o.features, o.setting, o.agent, o.model, o.try,
               ${merge_status} AS merge_status, s.path, s.outcome, s.passed, s.cause, o.cost_usd, o.known_usd,
               o.steps, o.messages, o.wall_ms, ${fault} AS fault,
               CASE WHEN o.model IS NOT NULL THEN json_extract(r.config, '$.max_steps') END AS max_steps,
               a.task_hash
        FROM outcomes o
        LEFT JOIN attempts a ON a.attempt_key = o.attempt_key
        JOIN runs r ON r.run = o.run
        LEFT JOIN ${tableOf(policy)} s ON s.attempt_key = o.attempt_key AND s.policy = ${policy}
        WHERE ${where}
        ORDER BY o.run, o.repo, o.task_id, ${byFeatures("o")}, o.attempt_key`,
      );
    },
  };
}

const OURS = [sql`o.merge_status`, sql`o.fault`] as const;
const THEIRS = [
  sql`IIF(s.attempt_key IS NULL, o.merge_status, s.merge_status)`,
  sql`IIF(s.attempt_key IS NULL, o.fault, COALESCE((
    SELECT code FROM faults WHERE unit = o.attempt_key AND step = 'run' AND resolved_at IS NULL ORDER BY id DESC), s.fault))`,
] as const;
