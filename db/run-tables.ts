// Owns the tables of runs: attempts, agents, steps, messages, and faults.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import {
  AGENT_OUTCOMES,
  CALL_PURPOSES,
  CALL_SOURCES,
  PATCH_SOURCES,
  SETTINGS,
  STEPS,
} from "../lib/core/vocabulary.ts";
import { featureList, hash, json, moment, unknownCalls } from "./columns.ts";
import { patches } from "./dataset-tables.ts";

/** A named experiment and its frozen configuration. */
export const runs = sqliteTable("runs", {
  run: text().primaryKey(),
  setting: text({ enum: SETTINGS }).notNull(),
  agent: text().notNull(),
  model: text(),
  config: json("runs.config", z.record(z.string(), z.unknown())).notNull(),
  config_hash: hash().notNull(),
  tandem_version: text().notNull(),
  bun_version: text().notNull(),
  git_version: text().notNull(),
  dataset_hash: hash().notNull(),
  created_at: moment().notNull(),
  /** The edition of the dataset that its attempts are made on; null for runs of before there were editions. */
  edition: hash(),
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
    /** The run whose answers this attempt repeats, and where it first went another way. */
    replay_of: text(),
    diverged: text(),
    /** The table that its calls were priced by. */
    prices: text(),
    /** Host of the server that its model was asked at; null where none was asked, and before it was written down. */
    server: text(),
  },
  (table) => [index("attempts_by_run").on(table.run, table.pair_key)],
);

/** A column that names the attempt a row belongs to, and goes with it. */
export const ofAttempt = () =>
  text()
    .notNull()
    .references(() => attempts.attempt_key, { onDelete: "cascade" });

/** Tokens by kind, counts. */
const tokens = () => ({
  input_tokens: integer().notNull(),
  output_tokens: integer().notNull(),
  cache_read_tokens: integer().notNull(),
  cache_write_tokens: integer().notNull(),
  reasoning_tokens: integer().notNull(),
});

/** Tokens by kind, counts; null where unknown. */
const knownTokens = () => ({
  input_tokens: integer(),
  output_tokens: integer(),
  cache_read_tokens: integer(),
  cache_write_tokens: integer(),
  reasoning_tokens: integer(),
});

/** How an agent's work was taken. */
export type Taken = {
  /** Bytes of a patch that is too large to be kept, or of the new files that would make it. */
  readonly size_bytes?: number;
  /** One sentence each, such as that patch.txt and work tree differ. */
  readonly notes?: readonly string[];
  /** New folders and files that were left out of the work tree's difference, by which rule, and how many files they hold. */
  readonly left_out?: readonly {
    readonly path: string;
    readonly rule: string;
    readonly files: number;
  }[];
};

const taken: z.ZodType<Taken> = z.object({
  size_bytes: z.number().exactOptional(),
  notes: z.array(z.string()).exactOptional(),
  left_out: z
    .array(z.object({ path: z.string(), rule: z.string(), files: z.number() }))
    .exactOptional(),
});

/** One row an agent of an attempt. Of imported ones not everything is known: what is unknown is null, not zero. */
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
    steps: integer(),
    messages_sent: integer().notNull(),
    ...knownTokens(),
    cost_usd: real(),
    model_ms: integer(),
    wall_ms: integer(),
    /** What else is to be known of how the work was taken; null when there is nothing. */
    taken: json("agents.taken", taken),
    /** What is known of a cost that is unknown in part, US dollars. */
    known_usd: real(),
    ...unknownCalls(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.agent_id] })],
);

/** One row per model call of an agent, with what its commands did. */
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
    ...tokens(),
    cost_usd: real(),
    /** Which helper of an agent program made the call, from 1 in the order of their starts; null: the agent itself. */
    helper: integer(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.agent_id, table.step] })],
);

/**
 * One row per model call of an agent, summaries of older turns included, which belong to no step. A call answered by the
 * cache or a replay costs nothing. Times in milliseconds, cost in US dollars (null when the price is unknown).
 */
export const calls = sqliteTable(
  "calls",
  {
    attempt_key: ofAttempt(),
    agent_id: text().notNull(),
    seq: integer().notNull(),
    purpose: text({ enum: CALL_PURPOSES }).notNull(),
    source: text({ enum: CALL_SOURCES }).notNull(),
    request_sha256: hash().notNull(),
    started_at: moment().notNull(),
    latency_ms: integer().notNull(),
    waited_ms: integer().notNull(),
    retries: integer().notNull(),
    stop_reason: text().notNull(),
    response_model: text(),
    ...tokens(),
    cost_usd: real(),
    /** False where the server told no tokens: the counts are then 0 because they are unknown. */
    usage_known: integer({ mode: "boolean" }).notNull().default(true),
  },
  (table) => [
    primaryKey({ columns: [table.attempt_key, table.agent_id, table.seq] }),
    index("calls_summaries").on(table.attempt_key, table.agent_id).where(sql`purpose = 'summary'`),
  ],
);

/** One row per command that an agent ran, in order. Imported attempts, and those from before commands were kept, have none. */
export const agentCommands = sqliteTable(
  "agent_commands",
  {
    attempt_key: ofAttempt(),
    agent_id: text().notNull(),
    /** Its number among the agent's commands, from 1. */
    seq: integer().notNull(),
    /** The step that asked for it; null for what ran before the first. */
    step: integer(),
    /** Its text; of a longer one the first 64 KiB. */
    command: text().notNull(),
    /** Bytes of its whole text. */
    size_bytes: integer().notNull(),
    exit_code: integer().notNull(),
    timed_out: integer({ mode: "boolean" }).notNull(),
    duration_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.agent_id, table.seq] })],
);

/**
 * One row per command that an agent program ran itself, as calls of its shell tool and their results tell. What a result does not say
 * is unknown.
 */
export const programCommands = sqliteTable(
  "program_commands",
  {
    attempt_key: ofAttempt(),
    agent_id: text().notNull(),
    /** Its number among the agent's commands, from 1. */
    seq: integer().notNull(),
    /** The step that asked for it. */
    step: integer().notNull(),
    /** Its text; of a longer one the first 64 KiB. */
    command: text().notNull(),
    /** Bytes of its whole text. */
    size_bytes: integer().notNull(),
    /** As the program told its model; null where it did not. */
    exit_code: integer(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.agent_id, table.seq] })],
);

/** One row per message between agents, in the order they were sent. */
export const messages = sqliteTable(
  "messages",
  {
    attempt_key: ofAttempt(),
    seq: integer().notNull(),
    sender: text().notNull(),
    recipient: text().notNull(),
    content: text().notNull(),
    sent_at: moment(),
    sent_step: integer(),
    read_at: moment(),
    read_step: integer(),
    /** When the mailbox had it for good. */
    acknowledged_at: moment(),
  },
  (table) => [primaryKey({ columns: [table.attempt_key, table.seq] })],
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
    step: text({ enum: STEPS }).notNull(),
    code: text().notNull(),
    message: text().notNull(),
    hint: text().notNull(),
    cause: text(),
    happened_at: moment().notNull(),
    resolved_at: moment(),
    /** US dollars that the attempt was known to have cost when it broke; null in old rows, where a price was unknown. */
    cost_usd: real(),
    /** When it was queued to be tried again at once. */
    requeued_at: moment(),
    ...unknownCalls(),
  },
  (table) => [index("faults_by_unit").on(table.unit, table.step)],
);
