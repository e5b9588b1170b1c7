// Owns the views of the ledger as types: what db/views.sql makes, each column with its meaning.
import { integer, real, sqliteView, text } from "drizzle-orm/sqlite-core";
import {
  CAUSES,
  MERGE_STATUSES,
  OUTCOMES,
  PATCH_CHANGES,
  PATHS,
  POLICIES,
  SETTINGS,
  SUITE_OUTCOMES,
} from "../lib/core/vocabulary.ts";
import { featureList, hash, moment } from "./columns.ts";

const attemptColumns = () => ({
  attempt_key: text().notNull(),
  run: text().notNull(),
  repo: text().notNull(),
  task_id: integer().notNull(),
  features: featureList().notNull(),
  setting: text({ enum: SETTINGS }).notNull(),
  agent: text().notNull(),
  model: text(),
  try: integer().notNull(),
});

/** One row per attempt with its verdict under `union`, and one per attempt that a fault kept from happening. */
export const outcomes = sqliteView("outcomes", {
  ...attemptColumns(),
  /** Of the naive merge; null before merging. */
  merge_status: text({ enum: MERGE_STATUSES }),
  policy: text({ enum: POLICIES }),
  path: text({ enum: PATHS }),
  outcome: text({ enum: OUTCOMES }),
  passed: integer({ mode: "boolean" }),
  cause: text({ enum: CAUSES }),
  cost_usd: real(),
  steps: integer(),
  messages: integer(),
  wall_ms: integer(),
  /** Code of a fault that is not overcome yet: the attempt does not count in the rate. */
  fault: text(),
  known_usd: real(),
  /** 1 where the cost of an agent is not known. */
  unpriced: integer({ mode: "boolean" }),
  pair_key: text().notNull(),
}).existing();

/** One row per run and setting: the pass rate with its 95 % Wilson interval, and the counts behind it. */
export const scoreboard = sqliteView("scoreboard", {
  run: text().notNull(),
  setting: text({ enum: SETTINGS }).notNull(),
  agent: text().notNull(),
  model: text(),
  /** Attempts, those that a fault prevented among them. */
  pairs: integer().notNull(),
  /** How many passed under `union`. */
  passed: integer().notNull(),
  /** How many naive merges conflict. */
  conflicts: integer().notNull(),
  /** Attempts with a fault that is not overcome. */
  faults: integer().notNull(),
  /** Attempts without a verdict yet. */
  pending: integer().notNull(),
  /** passed / (pairs - faults - pending); null where that is nothing. */
  pass_rate: real(),
  /** Lower end of the interval. */
  wilson_low: real(),
  /** Upper end of the interval. */
  wilson_high: real(),
  /** US dollars, as far as costs are known. */
  cost_usd: real(),
  /** Attempts whose cost is not known whole. */
  unpriced: integer().notNull(),
}).existing();

/** One row per imported attempt: the verdict that came with its logs, in the words of our own. */
export const importedVerdicts = sqliteView("imported_verdicts", {
  attempt_key: text().notNull(),
  policy: text({ enum: POLICIES }).notNull(),
  inputs_hash: hash().notNull(),
  outcome: text({ enum: OUTCOMES }),
  /** What their strategy means. */
  path: text({ enum: PATHS }),
  /** Null where they came to no verdict. */
  passed: integer({ mode: "boolean" }),
  cause: text({ enum: CAUSES }),
  scored_at: moment().notNull(),
  /** How their merge went; null in solo. */
  merge_status: text({ enum: MERGE_STATUSES }),
  /** `foreign_fault` where their evaluation broke. */
  fault: text(),
}).existing();

/** One row per attempt and policy that it has a verdict under: ours, those of eras of CooperBench, and `imported`. */
export const verdicts = sqliteView("verdicts", {
  ...attemptColumns(),
  pair_key: text().notNull(),
  policy: text({ enum: POLICIES }).notNull(),
  outcome: text({ enum: OUTCOMES }).notNull(),
  path: text({ enum: PATHS }),
  passed: integer({ mode: "boolean" }).notNull(),
  cause: text({ enum: CAUSES }),
  /** The first feature. */
  feature_a: integer().notNull(),
  /** How its suite ended on the tree that decided; null where none was tested, or it is unknown. */
  feature_a_outcome: text({ enum: SUITE_OUTCOMES }),
  /** The second feature. */
  feature_b: integer().notNull(),
  /** The same of its suite. */
  feature_b_outcome: text({ enum: SUITE_OUTCOMES }),
  /** JSON: feature number → outcome of its suite on that tree, for any number of features; `{}` where none was tested. */
  suites: text().notNull(),
  scored_at: moment().notNull(),
}).existing();

/**
 * One row per pair that any run has to do with, and one column per run besides these, under the run's name: the share of the
 * pair's scored tries that passed under `union` (1, 0 or between; null: not run, not scored, or a fault). Names are told apart
 * without regard to case: a second one of the same letters, or one of the columns below, gets `:2`. At most 500 runs, the ones
 * made last, have columns; `runs` has all.
 */
export const pairsWide = sqliteView("pairs_wide", {
  pair_key: text().notNull(),
  repo: text().notNull(),
  task_id: integer().notNull(),
  features: featureList().notNull(),
  /** JSON: name of the run → that share. `runs ->> '$."NAME"'` is one of them. */
  runs: text().notNull(),
}).existing();

/**
 * One row per agent and file that its patch is about. A patch that is not empty, but of which no file could be read, has one
 * row whose `path` is null.
 */
export const touched = sqliteView("touched", {
  attempt_key: text().notNull(),
  run: text().notNull(),
  pair_key: text().notNull(),
  agent_id: text().notNull(),
  /** The features of the agent. */
  features: featureList().notNull(),
  /** From the root of the repository; the new one where the file was moved. */
  path: text(),
  change: text({ enum: PATCH_CHANGES }),
  /** Lines; null for binary files. */
  added: integer(),
  /** Lines; null for binary files. */
  removed: integer(),
  patch: hash().notNull(),
}).existing();

/**
 * One row per command of an agent. Those of agent programs are read from calls of their shell tools: how long they took is unknown,
 * and so is an exit code that the tool's result does not state. What attempts from before commands were kept ran is known by number
 * only: `command` is null there, and so is what the step does not tell. Imported attempts have none.
 */
export const commands = sqliteView("commands", {
  attempt_key: text().notNull(),
  run: text().notNull(),
  pair_key: text().notNull(),
  agent_id: text().notNull(),
  /** Its number among the agent's commands, from 1. */
  seq: integer().notNull(),
  /** The step that asked for it; null for what ran before the first. */
  step: integer(),
  /** Its text, the first 64 KiB of a longer one; null where it was not recorded. */
  command: text(),
  exit_code: integer(),
  timed_out: integer({ mode: "boolean" }),
  duration_ms: integer(),
}).existing();

/** One row per test of a suite's result that failed, or broke before it could. Join `attempt_suites` for the attempts that rest on it. */
export const failedTests = sqliteView("failed_tests", {
  suite_key: hash().notNull(),
  repo: text().notNull(),
  task_id: integer().notNull(),
  feature_id: integer().notNull(),
  /** Its name, as the suite's output has it. */
  test: text().notNull(),
  /** `failed` or `error`. */
  status: text().notNull(),
  /** How the suite as a whole ended. */
  suite_outcome: text({ enum: SUITE_OUTCOMES }).notNull(),
  tested_at: moment().notNull(),
}).existing();

/** What the file itself holds: tables, indexes and views, each with the text that made it. */
export const objects = sqliteView("sqlite_master", {
  type: text().notNull(),
  name: text().notNull(),
  sql: text(),
}).existing();
