// Owns the tables of results: merges, suites, verdicts, and checks of the dataset.
import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import {
  CAUSES,
  CHECK_CAUSES,
  CHECKS,
  MERGE_STATUSES,
  OUTCOMES,
  PATHS,
  POLICIES,
  SIDE_STATUSES,
  STRATEGIES,
  SUITE_MARKS,
  SUITE_OUTCOMES,
  type SuiteLimits,
  TESTED,
} from "../lib/core/vocabulary.ts";
import { featureList, hash, json, moment } from "./columns.ts";
import { patches } from "./dataset-tables.ts";
import { ofAttempt } from "./run-tables.ts";

/** One row an attempt and strategy. `inputs_hash` covers base and patches: a redone attempt makes it stale. */
export const merges = sqliteTable(
  "merges",
  {
    attempt_key: ofAttempt(),
    strategy: text({ enum: STRATEGIES }).notNull(),
    inputs_hash: hash().notNull(),
    base_kind: text({ enum: ["patches", "repository"] }).notNull(),
    base_tree: text().notNull(),
    status: text({ enum: MERGE_STATUSES }).notNull(),
    tree: text(),
    diff: hash().references(() => patches.hash),
    conflict_at: integer(),
    sections: integer().notNull(),
    lines: integer().notNull(),
    files: integer().notNull(),
    score: integer().notNull(),
    severity: text().notNull(),
    reason: text(),
    merged_at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.strategy] })],
);

/** One row an agent of a merged attempt: its patch, without what was left out, on the base. */
export const sides = sqliteTable(
  "sides",
  {
    attempt_key: ofAttempt(),
    agent_id: text().notNull(),
    position: integer().notNull(),
    features: featureList().notNull(),
    status: text({ enum: SIDE_STATUSES }).notNull(),
    tree: text(),
    patch: hash()
      .notNull()
      .references(() => patches.hash),
    reason: text(),
    repairs: json("sides.repairs", z.array(z.string())).notNull(),
    left_out: json(
      "sides.left_out",
      z.array(z.object({ path: z.string(), rule: z.string() })),
    ).notNull(),
    /** Files that stay and could change how tests are run, each with the part that could. */
    marked: json("sides.marked", z.array(z.object({ path: z.string(), part: z.string() })))
      .notNull()
      .default([]),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.agent_id] })],
);

type TestStatus = { readonly name: string; readonly status: string };
/** There are thousands in a suite: they are looked at where they are, not copied. */
function areTests(value: unknown): boolean {
  return Array.isArray(value) && value.every(isTest);
}
function isTest(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!("name" in value && "status" in value)) return false;
  return typeof value.name === "string" && typeof value.status === "string";
}
const suiteLimits: z.ZodType<SuiteLimits> = z.object({
  timeout_ms: z.number(),
  memory_mib: z.number().exactOptional(),
  pids: z.number().exactOptional(),
  disk_mib: z.number().exactOptional(),
});

/** Raw test output by the SHA-256 of its uncompressed bytes, zstd-compressed. */
export const outputs = sqliteTable("outputs", {
  hash: hash().primaryKey(),
  size_bytes: integer().notNull(),
  zstd: blob({ mode: "buffer" }).notNull(),
});

/** One row per distinct suite run: environment, tree, tests and runner decide it, not the attempt. */
export const suiteResults = sqliteTable("suite_results", {
  suite_key: hash().primaryKey(),
  repo: text().notNull(),
  task_id: integer().notNull(),
  feature_id: integer().notNull(),
  environment: text().notNull(),
  tree: text().notNull(),
  tests_patch: hash().notNull(),
  runner_hash: hash().notNull(),
  outcome: text({ enum: SUITE_OUTCOMES }).notNull(),
  exit_code: integer(),
  passed: integer().notNull(),
  failed: integer().notNull(),
  skipped: integer().notNull(),
  errors: integer().notNull(),
  tests: json("suite_results.tests", z.custom<TestStatus[]>(areTests)).notNull(),
  output: hash()
    .notNull()
    .references(() => outputs.hash),
  duration_ms: integer().notNull(),
  tested_at: moment().notNull(),
  /** Marks in addition to the outcome: see SUITE_MARKS. */
  marks: json("suite_results.marks", z.array(z.enum(SUITE_MARKS)))
    .notNull()
    .default([]),
  /** What the sandbox could use; null for results from before limits were kept. */
  limits: json("suite_results.limits", suiteLimits),
  /** The version of the task that it was tested for; null where it was not recorded. */
  task_hash: hash(),
});

/** Which suite results an attempt rests on: which tree, tested by which feature's suite. */
export const attemptSuites = sqliteTable(
  "attempt_suites",
  {
    attempt_key: ofAttempt(),
    tested: text({ enum: TESTED }).notNull(),
    feature_id: integer().notNull(),
    suite_key: hash()
      .notNull()
      .references(() => suiteResults.suite_key),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.tested, table.feature_id] })],
);

export const scoreColumns = () => ({
  attempt_key: ofAttempt(),
  policy: text({ enum: POLICIES }).notNull(),
  inputs_hash: hash().notNull(),
  outcome: text({ enum: OUTCOMES }).notNull(),
  path: text({ enum: PATHS }),
  passed: integer({ mode: "boolean" }).notNull(),
  cause: text({ enum: CAUSES }),
  scored_at: moment().notNull(),
});

/** The verdict on an attempt under one policy. */
export const scores = sqliteTable("scores", scoreColumns(), (table) => [
  primaryKey({ columns: [table.attempt_key, table.policy] }),
]);

/** Verdicts that others took the place of, under other rules or on something else; an equal one leaves no row. */
export const earlierScores = sqliteTable(
  "earlier_scores",
  {
    ...scoreColumns(),
    /** When it stopped counting. */
    replaced_at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.policy, table.replaced_at] })],
);

/** What check-dataset found of one version of a task: tests alone must fail, gold and combined must pass. `outcomes` has one entry a repeat. */
export const checks = sqliteTable(
  "checks",
  {
    repo: text().notNull(),
    task_id: integer().notNull(),
    feature_id: integer().notNull(),
    kind: text({ enum: CHECKS }).notNull(),
    backend: text().notNull(),
    environment: text().notNull(),
    task_hash: hash().notNull(),
    good: integer({ mode: "boolean" }).notNull(),
    flaky: integer({ mode: "boolean" }).notNull(),
    outcomes: json("checks.outcomes", z.array(z.string())).notNull(),
    suite_key: hash()
      .notNull()
      .references(() => suiteResults.suite_key),
    checked_at: moment().notNull(),
    /** Whether the outcome proves nothing, such as a time-out of tests that should fail; `good` is false then. */
    unknown: integer({ mode: "boolean" }).notNull().default(false),
    /** Why it is not as it should be: see CHECK_CAUSES; null where it is, or where no rule applies. */
    cause: text({ enum: CHECK_CAUSES }),
  },
  (table) => [
    primaryKey({
      columns: [
        table.repo,
        table.task_id,
        table.feature_id,
        table.kind,
        table.backend,
        table.task_hash,
      ],
    }),
  ],
);
