// Owns finished attempts and what their agents did: stored in one transaction, after the files are whole.
import { and, asc, count, eq, getTableColumns, sql } from "drizzle-orm";
import type { Artefact } from "../lib/core/artefacts.ts";
import { putArtefacts } from "./artefacts.ts";
import { byFeatures } from "./columns.ts";
import { putPatch } from "./dataset.ts";
import { resolveFaults } from "./faults.ts";
import { finish, type Holder } from "./holding.ts";
import { inParts } from "./rows.ts";
import {
  type AgentRow,
  type AttemptRow,
  agentCommands,
  agents,
  attempts,
  calls,
  messages,
  programCommands,
  steps,
} from "./schema.ts";
import type { Tables } from "./tables.ts";

/** Everything an attempt leaves in the ledger. */
export type AttemptRecord = {
  readonly attempt: AttemptRow;
  readonly agents: readonly (typeof agents.$inferInsert)[];
  readonly steps: readonly (typeof steps.$inferInsert)[];
  readonly calls: readonly (typeof calls.$inferInsert)[];
  /** None where they were not recorded. */
  readonly commands?: readonly (typeof agentCommands.$inferInsert)[];
  /** Those of agent programs. */
  readonly program_commands?: readonly (typeof programCommands.$inferInsert)[];
  readonly messages: readonly (typeof messages.$inferInsert)[];
  readonly patches: readonly { hash: string; bytes: Uint8Array }[];
  /** Its files, as they are when it is stored. */
  readonly artefacts?: readonly Artefact[];
};
/** Which attempts: every given field narrows. */
export type AttemptFilter = {
  readonly run?: string;
  /** Any of these, instead of one. */
  readonly runs?: readonly string[];
  readonly repo?: string;
  readonly task_id?: number;
  readonly features?: readonly number[];
  /** Made on a version of its task that this edition has, by its hash. */
  readonly edition?: string;
  readonly pair_keys?: ReadonlySet<string>;
  readonly keys?: readonly string[];
};

export type FinishedAttempt = Pick<AttemptRow, "task_hash" | "outcome" | "started_at">;

/** A finished attempt with its agents in order. */
export type Attempt = AttemptRow & { agents: AgentRow[] };

export function attemptStore(db: Tables) {
  return {
    /**
     * Stores attempts, replacing earlier rows of the same keys (and with them their merges and scores). With a holder
     * they are its units, and done. Throws Fault `lease_lost` when one is not.
     */
    put(records: readonly AttemptRecord[], holder?: Holder): void {
      db.transaction(
        (tx) => {
          for (const record of records) {
            tx.delete(attempts).where(eq(attempts.attempt_key, record.attempt.attempt_key)).run();
            tx.insert(attempts).values(record.attempt).run();
            for (const patch of record.patches) putPatch(tx, patch.hash, patch.bytes);
            for (const rows of inParts(record.agents)) tx.insert(agents).values(rows).run();
            for (const rows of inParts(record.steps)) tx.insert(steps).values(rows).run();
            for (const rows of inParts(record.calls)) tx.insert(calls).values(rows).run();
            for (const rows of inParts(record.commands ?? []))
              tx.insert(agentCommands).values(rows).run();
            for (const rows of inParts(record.program_commands ?? []))
              tx.insert(programCommands).values(rows).run();
            for (const rows of inParts(record.messages)) tx.insert(messages).values(rows).run();
            putArtefacts(tx, record.attempt.attempt_key, { rows: record.artefacts ?? [] });
            resolveFaults(tx, record.attempt.attempt_key, "run");
            const { attempt_key: unit } = record.attempt;
            if (holder) finish(tx, { unit, step: "run" }, holder);
          }
        },
        { behavior: "immediate" },
      );
    },

    /** Attempts that the filter leaves, with their agents in order. */
    select(filter: AttemptFilter): Attempt[] {
      const rows = selectRows(db, filter);
      const wanted = new Set(rows.map((row) => row.attempt_key));
      const among =
        rows.length > MOST_PARAMETERS ? sql`1` : sql`agents.attempt_key IN ${[...wanted]}`;
      const found = db
        .select(getTableColumns(agents))
        .from(agents)
        .innerJoin(attempts, eq(attempts.attempt_key, agents.attempt_key))
        .where(and(...runConditions(filter), among))
        .orderBy(asc(agents.attempt_key), asc(agents.position))
        .all()
        .filter((agent) => wanted.has(agent.attempt_key));
      const byAttempt = Map.groupBy(found, (agent) => agent.attempt_key);
      return rows.map((row) => ({ ...row, agents: byAttempt.get(row.attempt_key) ?? [] }));
    },

    /** Keys of the attempts that the filter leaves, in the order of {@link select}. */
    keys: (filter: AttemptFilter): string[] => selectRows(db, filter).map((row) => row.attempt_key),

    find: (attempt_key: string): AttemptRow | undefined =>
      db.select().from(attempts).where(eq(attempts.attempt_key, attempt_key)).get(),

    /** How the agents of these attempts ended, by attempt. */
    outcomes(keys: readonly string[]): Map<string, AttemptRow["outcome"]> {
      return new Map(selectRows(db, { keys }).map((row) => [row.attempt_key, row.outcome]));
    },

    has: (attempt_key: string): boolean =>
      db
        .select({ key: attempts.attempt_key })
        .from(attempts)
        .where(eq(attempts.attempt_key, attempt_key))
        .get() !== undefined,

    /** How many messages the attempts of a run exchanged. */
    messageCount: (run: string): number =>
      db
        .select({ n: count() })
        .from(messages)
        .innerJoin(attempts, eq(attempts.attempt_key, messages.attempt_key))
        .where(eq(attempts.run, run))
        .get()?.n ?? 0,

    /** What decides whether finished attempts of a run are still good, by attempt key. */
    finished(run: string): Map<string, FinishedAttempt> {
      const rows = db
        .select({
          key: attempts.attempt_key,
          task_hash: attempts.task_hash,
          outcome: attempts.outcome,
          started_at: attempts.started_at,
        })
        .from(attempts)
        .where(eq(attempts.run, run))
        .all();
      return new Map(rows.map(({ key, ...rest }) => [key, rest]));
    },
  };
}

/** Fewer than SQLite takes in one statement. */
const MOST_PARAMETERS = 500;

function runConditions({ run, runs }: AttemptFilter) {
  return [
    run === undefined ? sql`1` : sql`attempts.run = ${run}`,
    runs === undefined ? sql`1` : sql`attempts.run IN ${[...runs]}`,
  ];
}

function selectRows(db: Tables, filter: AttemptFilter): AttemptRow[] {
  const { repo, task_id, features } = filter;
  const conditions = [
    ...runConditions(filter),
    ...(repo === undefined ? [] : [sql`repo = ${repo}`]),
    ...(task_id === undefined ? [] : [sql`task_id = ${task_id}`]),
    ...(features === undefined ? [] : [sql`features = ${features.join(",")}`]),
    ...(filter.edition === undefined
      ? []
      : [
          sql`(repo, task_id, task_hash) IN (
            SELECT repo, task_id, task_hash FROM edition_tasks WHERE edition = ${filter.edition})`,
        ]),
    ...(filter.keys === undefined || filter.keys.length > MOST_PARAMETERS
      ? []
      : [sql`attempt_key IN ${[...filter.keys]}`]),
  ];
  const rows = db
    .select()
    .from(attempts)
    .where(sql.join(conditions, sql` AND `))
    .orderBy(sql`run, repo, task_id, ${byFeatures("attempts")}, attempt_key`)
    .all();
  // Key lists may be longer than that: they are matched here.
  const keys = filter.keys === undefined ? undefined : new Set(filter.keys);
  return rows.filter(
    (row) => (filter.pair_keys?.has(row.pair_key) ?? true) && (keys?.has(row.attempt_key) ?? true),
  );
}
