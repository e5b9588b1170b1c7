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
import { z } from "zod";
import { MERGE_STATUSES, PATCH_CHANGES } from "../lib/core/vocabulary.ts";
import { featureList, hash, json, moment } from "./columns.ts";

/** What the ledger knows of itself: the views it has, what was planned, which runs are a study's. */
export const meta = sqliteTable("meta", { name: text().primaryKey(), value: text().notNull() });

/** Patches by the SHA-256 of their bytes; the bytes are never changed. */
export const patches = sqliteTable("patches", {
  hash: hash().primaryKey(),
  size_bytes: integer().notNull(),
  bytes: blob({ mode: "buffer" }).notNull(),
});

/**
 * The files that a patch is about, one row per file; none where nothing could be read. `added` and `removed` count lines, and are
 * null for binary files.
 */
export const patchFiles = sqliteTable(
  "patch_files",
  {
    patch: hash()
      .notNull()
      .references(() => patches.hash),
    /** From the root of the repository; the new one where the file was moved. */
    path: text().notNull(),
    change: text({ enum: PATCH_CHANGES }).notNull(),
    added: integer(),
    removed: integer(),
  },
  (table) => [primaryKey({ columns: [table.patch, table.path] })],
);

const SOURCES = ["dataset", "demo"] as const;

const taskColumns = (table: "tasks" | "task_versions") => ({
  repo: text().notNull(),
  task_id: integer().notNull(),
  source: text({ enum: SOURCES }).notNull(),
  dir: text().notNull(),
  task_hash: hash().notNull(),
  has_setup: integer({ mode: "boolean" }).notNull(),
  has_run_tests: integer({ mode: "boolean" }).notNull(),
  has_dockerfile: integer({ mode: "boolean" }).notNull(),
  has_runner: integer({ mode: "boolean" }).notNull(),
  problems: json(`${table}.problems`, z.array(z.string())).notNull(),
});

/** Tasks of the current edition; `task_versions` has those of every edition. */
export const tasks = sqliteTable("tasks", taskColumns("tasks"), (table) => [
  primaryKey({ columns: [table.repo, table.task_id] }),
]);

const featureColumns = () => ({
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
});

/** Features of the tasks of the current edition. */
export const features = sqliteTable("features", featureColumns(), (table) => [
  primaryKey({ columns: [table.repo, table.task_id, table.feature_id] }),
  foreignKey({
    columns: [table.repo, table.task_id],
    foreignColumns: [tasks.repo, tasks.task_id],
  }).onDelete("cascade"),
]);

const pairColumns = () => ({
  repo: text().notNull(),
  task_id: integer().notNull(),
  features: featureList().notNull(),
  source: text({ enum: SOURCES }).notNull(),
  file_jaccard: real().notNull(),
  shared_base_lines: integer().notNull(),
  shared_anchors: integer().notNull(),
  min_hunk_distance: integer(),
  same_scope: integer({ mode: "boolean" }).notNull(),
  same_new_symbol: integer({ mode: "boolean" }).notNull(),
  gold_naive: text({ enum: MERGE_STATUSES }),
  gold_union: text({ enum: MERGE_STATUSES }),
});

/** Pairs of the dataset with the traits of their gold patches; gold_naive and gold_union are filled once merged. */
export const pairs = sqliteTable(
  "pairs",
  { pair_key: text().primaryKey(), ...pairColumns() },
  (table) => [
    foreignKey({
      columns: [table.repo, table.task_id],
      foreignColumns: [tasks.repo, tasks.task_id],
    }).onDelete("cascade"),
  ],
);

/** One row per edition of the dataset that was ever fetched, by the hash over its tasks. */
export const editions = sqliteTable("editions", {
  hash: hash().primaryKey(),
  source: text({ enum: SOURCES }).notNull(),
  /** What the user calls it. */
  name: text().unique(),
  /** Where it was taken from. */
  origin: text().notNull(),
  /** The commit of the hub; null for a folder. */
  revision: text(),
  /** Its folder below the dataset's; empty for that folder itself. The one fetched last into a folder has its files. */
  dir: text().notNull(),
  fetched_at: moment().notNull(),
});

/** Which version of each task an edition has. */
export const editionTasks = sqliteTable(
  "edition_tasks",
  {
    edition: hash()
      .notNull()
      .references(() => editions.hash),
    repo: text().notNull(),
    task_id: integer().notNull(),
    task_hash: hash().notNull(),
  },
  (table) => [primaryKey({ columns: [table.edition, table.repo, table.task_id] })],
);

/** Tasks as they are in any edition; `files` has the hash of each of a task's files, or nothing where it was not written down. */
export const taskVersions = sqliteTable(
  "task_versions",
  {
    ...taskColumns("task_versions"),
    files: json("task_versions.files", z.record(z.string(), z.string())).notNull(),
  },
  (table) => [primaryKey({ columns: [table.repo, table.task_id, table.task_hash] })],
);

/** Features of the versions of tasks. */
export const featureVersions = sqliteTable(
  "feature_versions",
  { task_hash: hash().notNull(), ...featureColumns() },
  (table) => [
    primaryKey({ columns: [table.repo, table.task_id, table.task_hash, table.feature_id] }),
  ],
);

/** Pairs of the versions of tasks, and the groups of three features and more whose gold patches were merged. */
export const pairVersions = sqliteTable(
  "pair_versions",
  { pair_key: text().notNull(), task_hash: hash().notNull(), ...pairColumns() },
  (table) => [primaryKey({ columns: [table.pair_key, table.task_hash] })],
);

/** Named lists of pairs. */
export const subsets = sqliteTable("subsets", {
  name: text().primaryKey(),
  description: text().notNull(),
  file_hash: hash().notNull(),
});

/** Which pairs a subset has, in order. */
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
