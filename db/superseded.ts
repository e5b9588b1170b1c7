// Owns attempts that were done again: kept whole next to those that count.
import { and, asc, count, desc, eq, getTableColumns, max } from "drizzle-orm";
import { supersededFolder } from "../lib/core/keys.ts";
import { assertHeld, type Holder } from "./holding.ts";
import { note } from "./journal.ts";
import {
  agentCommands,
  agents,
  annotations,
  artefacts,
  attemptSuites,
  attempts,
  calls,
  earlierScores,
  imported,
  labels,
  leases,
  merges,
  messages,
  programCommands,
  type SupersededRow,
  scores,
  sides,
  steps,
  superseded,
} from "./schema.ts";
import { spentOfAttempt, type UnitSpent } from "./spent.ts";
import type { Tables } from "./tables.ts";

type Writer = Pick<Tables, "select" | "insert" | "update" | "delete" | "all">;
/** What an attempt consists of, besides its own row. */
const PARTS = {
  agents,
  steps,
  calls,
  agent_commands: agentCommands,
  program_commands: programCommands,
  messages,
  merges,
  sides,
  attempt_suites: attemptSuites,
  scores,
  earlier_scores: earlierScores,
  artefacts,
  imported,
  labels,
  annotations,
} as const;

export function supersededStore(db: Tables) {
  return {
    /**
     * Takes an attempt out of what counts, and keeps all its rows. Returns where its files are to go (a folder under the
     * logs), or undefined when there is no such attempt or a process is working on it.
     */
    setAside: (attempt_key: string, reason: string): string | undefined =>
      db.transaction(
        (tx) => (isHeld(tx, attempt_key) ? undefined : setAside(tx, attempt_key, reason)),
        { behavior: "immediate" },
      ),
    /**
     * The same for the process that holds it. Throws Fault `lease_lost` when `holder` does not: what is there then is
     * another process's.
     */
    replace: (attempt_key: string, reason: string, holder?: Holder): string | undefined =>
      db.transaction(
        (tx) => {
          if (holder) assertHeld(tx, { unit: attempt_key, step: "run" }, holder);
          return setAside(tx, attempt_key, reason);
        },
        { behavior: "immediate" },
      ),
    /** The folder that the files of this attempt's last superseded try belong in. */
    folder: (attempt_key: string): string | undefined =>
      db
        .select({ folder: superseded.folder })
        .from(superseded)
        .where(eq(superseded.attempt_key, attempt_key))
        .orderBy(desc(superseded.generation))
        .get()?.folder,
    /** All of them, oldest first, without their rows. */
    all(run?: string): Omit<SupersededRow, "rows">[] {
      const { rows: _rows, ...light } = getTableColumns(superseded);
      return db
        .select(light)
        .from(superseded)
        .where(run === undefined ? undefined : eq(superseded.run, run))
        .orderBy(asc(superseded.id))
        .all();
    },
  };
}

function isHeld(tx: Writer, attempt_key: string): boolean {
  return tx.select().from(leases).where(eq(leases.unit, attempt_key)).get() !== undefined;
}

function setAside(tx: Writer, attempt_key: string, reason: string): string | undefined {
  const attempt = tx.select().from(attempts).where(eq(attempts.attempt_key, attempt_key)).get();
  if (attempt === undefined) return undefined;
  const earlier = tx
    .select({ n: count() })
    .from(superseded)
    .where(eq(superseded.attempt_key, attempt_key))
    .get();
  const generation = (earlier?.n ?? 0) + 1;
  const { run, outcome, started_at, ended_at } = attempt;
  const score = tx
    .select({ passed: scores.passed })
    .from(scores)
    .where(and(eq(scores.attempt_key, attempt_key), eq(scores.policy, "union")))
    .get();
  const folder = supersededFolder(attempt_key, generation);
  tx.insert(superseded)
    .values({
      attempt_key,
      run,
      generation,
      reason,
      outcome,
      passed: score?.passed ?? null,
      ...costOf(tx, attempt_key),
      started_at,
      ended_at,
      superseded_at: new Date().toISOString(),
      folder,
      rows: Buffer.from(Bun.zstdCompressSync(JSON.stringify(rowsOf(tx, attempt_key, attempt)))),
    })
    .run();
  note(tx, { unit: attempt_key, step: "run", run }, "superseded", { note: reason });
  tx.delete(attempts).where(eq(attempts.attempt_key, attempt_key)).run();
  return folder;
}

function rowsOf(tx: Writer, attempt_key: string, attempt: unknown): Record<string, unknown[]> {
  const parts = Object.entries(PARTS).map(([name, table]) => [
    name,
    tx.select().from(table).where(eq(table.attempt_key, attempt_key)).all(),
  ]);
  return { attempts: [attempt], ...Object.fromEntries(parts) };
}

/** What all its agents have cost, as it is told of runs. */
function costOf(tx: Writer, attempt_key: string): UnitSpent {
  const { usd, ...unknown } = spentOfAttempt(tx, attempt_key);
  const nothing = usd === 0 && unknown.unpriced + unknown.cut_off > 0;
  const [dearest] = tx
    .select({ usd: max(agents.dearest_usd) })
    .from(agents)
    .where(eq(agents.attempt_key, attempt_key))
    .all();
  return { cost_usd: nothing ? null : usd, ...unknown, dearest_usd: dearest?.usd ?? null };
}
