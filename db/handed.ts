// Owns which files the agents of attempts handed in, which their task's references change, and how long steps took.
import { sql } from "drizzle-orm";
import { integer, text } from "drizzle-orm/sqlite-core";
import { answer, isAmong, type RowOf } from "./answer.ts";
import type { Tables } from "./tables.ts";

const handed = answer({
  attempt_key: text().notNull(),
  repo: text().notNull(),
  task_id: integer().notNull(),
  agent_id: text().notNull(),
  path: text(),
});
/** An agent of an attempt and a file of its patch; the path is null where it handed in no patch, or one that is about no file. */
export type HandedRow = RowOf<typeof handed>;

const stepTime = answer({
  attempt_key: text().notNull(),
  agent_id: text().notNull(),
  step: integer().notNull(),
  model_ms: integer().notNull(),
  exec_ms: integer().notNull(),
});
/** How long a step's model and commands took. */
export type StepTimeRow = RowOf<typeof stepTime>;

const pathRow = answer({ path: text().notNull() });

export function handedStore(db: Tables) {
  return {
    /** What the agents of these attempts handed in: agents in their order, files by name. */
    files: (keys: readonly string[]) =>
      handed(
        db,
        sql`SELECT a.attempt_key, a.repo, a.task_id, g.agent_id, f.path
            FROM attempts a
            JOIN agents g ON g.attempt_key = a.attempt_key
            LEFT JOIN patch_files f ON f.patch = g.patch
            WHERE ${isAmong(sql`a.attempt_key`, keys)}
            ORDER BY a.attempt_key, g.position, f.path`,
      ),

    /** Files that the reference patches and tests of a task change, of its features in every edition. */
    references: (repo: string, task_id: number) =>
      pathRow(
        db,
        sql`SELECT DISTINCT f.path FROM feature_versions v
            JOIN patch_files f ON f.patch IN (v.gold_patch, v.tests_patch)
            WHERE v.repo = ${repo} AND v.task_id = ${task_id} ORDER BY f.path`,
      ).map(({ path }) => path),

    /** The steps of these attempts. */
    steps: (keys: readonly string[]) =>
      stepTime(
        db,
        sql`SELECT s.attempt_key, s.agent_id, s.step, s.model_ms, s.exec_ms FROM steps s
            WHERE ${isAmong(sql`s.attempt_key`, keys)} ORDER BY s.attempt_key, s.agent_id, s.step`,
      ),
  };
}
