// Owns the tables of what the dataset holds: tasks, features, pairs, subsets, and patches by content.
import {
  blob,
  foreignKey,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import { featureList, hash } from "./columns.ts";
import { MERGE_STATUSES } from "./words.ts";

export const meta = sqliteTable("meta", { name: text().primaryKey(), value: text().notNull() });

/** Patches by the SHA-256 of their bytes; the bytes are never changed. */
export const patches = sqliteTable("patches", {
  hash: hash().primaryKey(),
  size_bytes: integer().notNull(),
  bytes: blob({ mode: "buffer" }).notNull(),
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
