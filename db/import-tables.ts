// Owns the tables of what others found: imported attempts, published outcomes, labels given by a model, and what people noted.
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import { JUDGED, SETTINGS } from "../lib/core/vocabulary.ts";
import { hash, json, moment } from "./columns.ts";
import { ofAttempt } from "./run-tables.ts";

/** The other system's verdict on a feature's suite, on the patch of that feature's agent alone; counts null where unknown. */
export type AloneVerdict = {
  readonly feature_id: number;
  readonly passed: boolean;
  readonly tests_passed: number | null;
  readonly tests_failed: number | null;
};

const count = z.number().nullable();
const aloneVerdict: z.ZodType<AloneVerdict> = z.object({
  feature_id: z.number(),
  passed: z.boolean(),
  tests_passed: count,
  tests_failed: count,
});

/** One row an attempt that was read from another system's logs, with that system's verdict. */
export const imported = sqliteTable("imported", {
  attempt_key: ofAttempt().primaryKey(),
  /** Folder it was read from, and in which of the known forms it was. */
  source: text().notNull(),
  form: text().notNull(),
  /** SHA-256 over all its files: the same import again changes nothing. */
  content_sha256: hash().notNull(),
  /** The other system's words; null where it says nothing. */
  passed: integer({ mode: "boolean" }),
  merge_status: text(),
  strategy: text(),
  evaluated_at: moment(),
  /** Its files' fields, whole, so that an export gives them back. */
  files: json("imported.files", z.record(z.string(), z.unknown())).notNull(),
  /** What was missing or damaged. */
  problems: json("imported.problems", z.array(z.string())).notNull(),
  imported_at: moment().notNull(),
  /** Why its evaluation came to no verdict; null where it did, or where there was none. */
  error: text(),
  /** Its verdict on each agent's patch alone, with the suite of that agent's feature; null where it gives none. */
  alone: json("imported.alone", z.array(aloneVerdict)),
  /** Whether its messages tell when they were read: else an absent time says nothing. */
  reads_kept: integer({ mode: "boolean" }).notNull().default(false),
});

/** Outcomes that others published, one row per pair, model and setting; `source` names the table. */
export const published = sqliteTable(
  "published",
  {
    source: text().notNull(),
    pair_key: text().notNull(),
    model: text().notNull(),
    setting: text({ enum: SETTINGS }).notNull(),
    passed: integer({ mode: "boolean" }).notNull(),
    has_conflict: integer({ mode: "boolean" }),
    content_sha256: hash().notNull(),
    imported_at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.pair_key, table.model, table.setting] })],
);

/** What a model answered about an attempt: one row per measure and label; label null when it found nothing. */
export const labels = sqliteTable(
  "labels",
  {
    attempt_key: ofAttempt(),
    measure: text({ enum: JUDGED }).notNull(),
    /** What is labelled: the attempt's conversation (`-`), or one message by its number. */
    subject: text().notNull(),
    label: text(),
    /** Exact quotes that occur in the conversation. */
    quotes: json("labels.quotes", z.array(z.string())).notNull(),
    model: text().notNull(),
    prompt_sha256: hash().notNull(),
    prompt: text().notNull(),
    answer: text().notNull(),
    cost_usd: real(),
    labelled_at: moment().notNull(),
    /** Calls on the way to the answer that were cut off, on one row of its question's: what they cost is not known. */
    cut_off: integer().notNull().default(0),
  },
  (table) => [
    primaryKey({
      columns: [table.attempt_key, table.measure, table.subject, table.model, table.prompt_sha256],
    }),
  ],
);

/** What a person said about an attempt: one row per label, or per note without one. */
export const annotations = sqliteTable(
  "annotations",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    attempt_key: ofAttempt(),
    /** What it is about: the attempt with its conversation (`-`), or one message by its number. */
    subject: text().notNull(),
    /** The question that `label` answers, as models are asked it; null: label and note are the person's own. */
    measure: text({ enum: JUDGED }),
    /** Null: where there is a measure, nothing was found; else there is only a note. */
    label: text(),
    note: text(),
    /** Who said it. */
    annotated_by: text().notNull(),
    annotated_at: moment().notNull(),
  },
  (table) => [index("annotations_by_attempt").on(table.attempt_key)],
);
