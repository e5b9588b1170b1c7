// Owns the shape of the ledger: every table, from which all row types are inferred.
import {
  blob,
  customType,
  foreignKey,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import {
  AGENT_OUTCOMES,
  MERGE_STATUSES,
  OUTCOMES,
  PATCH_SOURCES,
  PATHS,
  POLICIES,
  SETTINGS,
  STRATEGIES,
  SUITE_OUTCOMES,
} from "./words.ts";

export type * from "./words.ts";

/** Feature numbers, kept as `1,2` so that people can write them in a query. */
const featureList = customType<{ data: number[]; driverData: string }>({
  dataType: () => "text",
  toDriver: (features) => features.join(","),
  fromDriver: (stored) => stored.split(",").map(Number),
});
/** UTC, ISO 8601. */
const moment = () => text();
const hash = () => text();

export const meta = sqliteTable("meta", { name: text().primaryKey(), value: text().notNull() });

/** Patches by the SHA-256 of their bytes; the bytes are never changed. */
export const patches = sqliteTable("patches", {
  hash: hash().primaryKey(),
  size_bytes: integer().notNull(),
  bytes: blob({ mode: "buffer" }).notNull(),
});

/** Raw test output by the SHA-256 of its uncompressed bytes, zstd-compressed. */
export const outputs = sqliteTable("outputs", {
  hash: hash().primaryKey(),
  size_bytes: integer().notNull(),
  zstd: blob({ mode: "buffer" }).notNull(),
});

export const tasks = sqliteTable(
  "tasks",
  {
    repo: text().notNull(),
    task_id: integer().notNull(),
    source: text({ enum: ["dataset", "demo"] }).notNull(),
    dir: text().notNull(),
    task_hash: hash().notNull(),
    has_setup: integer({ mode: "boolean" }).notNull(),
    has_run_tests: integer({ mode: "boolean" }).notNull(),
    has_dockerfile: integer({ mode: "boolean" }).notNull(),
    has_runner: integer({ mode: "boolean" }).notNull(),
    problems: text({ mode: "json" }).$type<string[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.repo, table.task_id] })],
);

export const features = sqliteTable(
  "features",
  {
    repo: text().notNull(),
    task_id: integer().notNull(),
    feature_id: integer().notNull(),
    title: text().notNull(),
    description: text().notNull(),
    gold_patch: hash()
      .notNull()
      .references(() => patches.hash),
    tests_patch: hash()
      .notNull()
      .references(() => patches.hash),
    changed_lines: integer().notNull(),
    files: integer().notNull(),
    hunks: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.repo, table.task_id, table.feature_id] }),
    foreignKey({
      columns: [table.repo, table.task_id],
      foreignColumns: [tasks.repo, tasks.task_id],
    }).onDelete("cascade"),
  ],
);

/** Pairs of the dataset with the traits of their gold patches; gold_naive and gold_union are filled once merged. */
export const pairs = sqliteTable(
  "pairs",
  {
    pair_key: text().primaryKey(),
    repo: text().notNull(),
    task_id: integer().notNull(),
    features: featureList().notNull(),
    source: text({ enum: ["dataset", "demo"] }).notNull(),
    file_jaccard: real().notNull(),
    shared_base_lines: integer().notNull(),
    shared_anchors: integer().notNull(),
    min_hunk_distance: integer(),
    same_scope: integer({ mode: "boolean" }).notNull(),
    same_new_symbol: integer({ mode: "boolean" }).notNull(),
    gold_naive: text({ enum: MERGE_STATUSES }),
    gold_union: text({ enum: MERGE_STATUSES }),
  },
  (table) => [
    foreignKey({
      columns: [table.repo, table.task_id],
      foreignColumns: [tasks.repo, tasks.task_id],
    }).onDelete("cascade"),
  ],
);

export const subsets = sqliteTable("subsets", {
  name: text().primaryKey(),
  description: text().notNull(),
  file_hash: hash().notNull(),
});

export const subsetPairs = sqliteTable(
  "subset_pairs",
  {
    subset: text()
      .notNull()
      .references(() => subsets.name, { onDelete: "cascade" }),
    position: integer().notNull(),
    pair_key: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.subset, table.position] })],
);

/** A named experiment and its frozen configuration. */
export const runs = sqliteTable("runs", {
  run: text().primaryKey(),
  setting: text({ enum: SETTINGS }).notNull(),
  agent: text().notNull(),
  model: text(),
  config: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
  config_hash: hash().notNull(),
  tandem_version: text().notNull(),
  bun_version: text().notNull(),
  git_version: text().notNull(),
  dataset_hash: hash().notNull(),
  created_at: moment().notNull(),
});

/** Finished attempts only: a row is committed after the attempt's files are whole on disk. */
export const attempts = sqliteTable(
  "attempts",
  {
    attempt_key: text().primaryKey(),
    run: text()
      .notNull()
      .references(() => runs.run),
    pair_key: text().notNull(),
    repo: text().notNull(),
    task_id: integer().notNull(),
    features: featureList().notNull(),
    try: integer().notNull(),
    task_hash: hash().notNull(),
    outcome: text({ enum: AGENT_OUTCOMES }).notNull(),
    started_at: moment().notNull(),
    ended_at: moment().notNull(),
    wall_ms: integer().notNull(),
  },
  (table) => [index("attempts_by_run").on(table.run, table.pair_key)],
);

const ofAttempt = () =>
  text()
    .notNull()
    .references(() => attempts.attempt_key, { onDelete: "cascade" });

/** One row an agent of an attempt. Tokens are counts; an unknown cost is null, not zero. */
export const agents = sqliteTable(
  "agents",
  {
    attempt_key: ofAttempt(),
    agent_id: text().notNull(),
    position: integer().notNull(),
    features: featureList().notNull(),
    outcome: text({ enum: AGENT_OUTCOMES }).notNull(),
    limit_reached: text(),
    patch: hash()
      .notNull()
      .references(() => patches.hash),
    patch_source: text({ enum: PATCH_SOURCES }).notNull(),
    steps: integer().notNull(),
    messages_sent: integer().notNull(),
    input_tokens: integer().notNull(),
    output_tokens: integer().notNull(),
    cache_read_tokens: integer().notNull(),
    cache_write_tokens: integer().notNull(),
    reasoning_tokens: integer().notNull(),
    cost_usd: real(),
    model_ms: integer().notNull(),
    wall_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.agent_id] })],
);

/** One row a model call of an agent, with what its commands did. */
export const steps = sqliteTable(
  "steps",
  {
    attempt_key: ofAttempt(),
    agent_id: text().notNull(),
    step: integer().notNull(),
    started_at: moment().notNull(),
    model_ms: integer().notNull(),
    exec_ms: integer().notNull(),
    commands: integer().notNull(),
    exit_code: integer(),
    messages_sent: integer().notNull(),
    messages_received: integer().notNull(),
    input_tokens: integer().notNull(),
    output_tokens: integer().notNull(),
    cache_read_tokens: integer().notNull(),
    cache_write_tokens: integer().notNull(),
    reasoning_tokens: integer().notNull(),
    cost_usd: real(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.agent_id, table.step] })],
);

export const messages = sqliteTable(
  "messages",
  {
    attempt_key: ofAttempt(),
    seq: integer().notNull(),
    sender: text().notNull(),
    recipient: text().notNull(),
    content: text().notNull(),
    sent_at: moment().notNull(),
    sent_step: integer().notNull(),
    read_at: moment(),
    read_step: integer(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.seq] })],
);

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

/** One row a distinct piece of testing: environment, tree, tests and runner decide it, not the attempt. */
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
  tests: text({ mode: "json" }).$type<{ name: string; status: string }[]>().notNull(),
  output: hash()
    .notNull()
    .references(() => outputs.hash),
  duration_ms: integer().notNull(),
  tested_at: moment().notNull(),
});

/** Which suite results an attempt rests on: the tree of a strategy, tested by a feature's suite. */
export const attemptSuites = sqliteTable(
  "attempt_suites",
  {
    attempt_key: ofAttempt(),
    strategy: text({ enum: STRATEGIES }).notNull(),
    feature_id: integer().notNull(),
    suite_key: hash()
      .notNull()
      .references(() => suiteResults.suite_key),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.strategy, table.feature_id] })],
);

/** The verdict on an attempt under one policy. */
export const scores = sqliteTable(
  "scores",
  {
    attempt_key: ofAttempt(),
    policy: text({ enum: POLICIES }).notNull(),
    inputs_hash: hash().notNull(),
    outcome: text({ enum: OUTCOMES }).notNull(),
    path: text({ enum: PATHS }),
    passed: integer({ mode: "boolean" }).notNull(),
    scored_at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.policy] })],
);

/** The laboratory's failures: never scored, tried again on the next call; resolved_at once the unit succeeded. */
export const faults = sqliteTable(
  "faults",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    unit: text().notNull(),
    run: text().notNull(),
    repo: text().notNull(),
    task_id: integer().notNull(),
    features: featureList().notNull(),
    try: integer().notNull(),
    step: text({ enum: ["run", "merge", "eval"] }).notNull(),
    code: text().notNull(),
    message: text().notNull(),
    hint: text().notNull(),
    cause: text(),
    happened_at: moment().notNull(),
    resolved_at: moment(),
  },
  (table) => [index("faults_by_unit").on(table.unit, table.step)],
);

export type TaskRow = typeof tasks.$inferSelect;
export type FeatureRow = typeof features.$inferSelect;
export type PairRow = typeof pairs.$inferSelect;
export type RunRow = typeof runs.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;
export type AgentRow = typeof agents.$inferSelect;
export type StepRow = typeof steps.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;
export type MergeRow = typeof merges.$inferSelect;
export type SuiteResultRow = typeof suiteResults.$inferSelect;
export type ScoreRow = typeof scores.$inferSelect;
export type FaultRow = typeof faults.$inferSelect;
