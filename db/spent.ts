// Owns what runs have cost: the known dollars, and the calls whose cost is unknown.
import { type SQL, sql } from "drizzle-orm";
import { integer, real } from "drizzle-orm/sqlite-core";
import type { Step } from "../lib/core/vocabulary.ts";
import { answer } from "./answer.ts";
import type { UnitProgress } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** Known US dollars; calls at an unknown price, and calls that were cut off, which are not in it. */
export type Spent = { readonly usd: number; readonly unpriced: number; readonly cut_off: number };
/** The same as it is kept beside a unit. */
export type UnitSpent = {
  readonly cost_usd: number | null;
  readonly unpriced: number;
  readonly cut_off: number;
  readonly dearest_usd: number | null;
};

/** What a unit has cost that is over without a result. What was under way then is cut off. */
export function spentBy(progress: UnitProgress | null | undefined): UnitSpent {
  const {
    cost_usd = 0,
    unpriced = 0,
    cut_off = 0,
    in_flight = 0,
    dearest_usd = null,
  } = progress ?? {};
  return { cost_usd, unpriced, cut_off: cut_off + in_flight, dearest_usd };
}

/** Rows `run, usd, unpriced, cut_off` of the agents of attempts; `where` is about `a`, the attempts. */
function agentParts(where: SQL): SQL {
  return sql`
    SELECT a.run, coalesce(g.cost_usd, g.known_usd) AS usd,
           max(g.unpriced, g.cost_usd IS NULL AND g.cut_off = 0) AS unpriced, g.cut_off
    FROM attempts a JOIN agents g ON g.attempt_key = a.attempt_key WHERE ${where}`;
}

/** The same of everything that the runs have cost but for units under way; `among` narrows a column of runs. */
export function spentParts(among: (run: SQL) => SQL): SQL {
  return sql`
    ${agentParts(among(sql`a.run`))}
    UNION ALL ${beside(sql`faults`, sql`step <> 'label' AND ${among(sql`run`)}`)}
    UNION ALL ${beside(sql`superseded`, among(sql`run`))}
    UNION ALL ${beside(sql`journal`, sql`${OVER} AND step <> 'label' AND ${among(sql`+run`)}`)}`;
}

const OVER = sql`event IN ('stopped', 'lost')`;

/** What stands beside units that are over without a result. */
function beside(table: SQL, where: SQL): SQL {
  return sql`
    SELECT run, cost_usd AS usd, max(unpriced, cost_usd IS NULL) AS unpriced, cut_off FROM ${table} WHERE ${where}`;
}

/** What the units of one step have cost that broke, were stopped, or were lost with their process. */
export function lostBy(
  db: Reader,
  { runs, step }: { readonly runs: readonly string[]; readonly step: Step },
): Spent {
  const where = sql`step = ${step} AND run IN (SELECT value FROM json_each(${JSON.stringify(runs)}))`;
  const over = beside(sql`journal`, sql`${OVER} AND ${where}`);
  return sumOf(db, sql`${beside(sql`faults`, where)} UNION ALL ${over}`);
}

/** All that runs have cost, but for units under way. */
export function spentOf(db: Reader, runs: readonly string[]): Spent {
  return sumOf(
    db,
    spentParts((run) => sql`${run} IN (SELECT value FROM json_each(${JSON.stringify(runs)}))`),
  );
}

/** What the agents of one attempt have cost. */
export function spentOfAttempt(db: Reader, attempt_key: string): Spent {
  return sumOf(db, agentParts(sql`a.attempt_key = ${attempt_key}`));
}

/** The dearest call of runs that is known, US dollars: of their attempts, and of what broke or is over without a result. */
export function dearestOf(db: Reader, runs: readonly string[]): number | null {
  const of = sql`run IN (SELECT value FROM json_each(${JSON.stringify(runs)}))`;
  const [found] = dearest(
    db,
    sql`SELECT max(usd) AS usd FROM (
      SELECT max(g.dearest_usd) AS usd FROM attempts a JOIN agents g ON g.attempt_key = a.attempt_key WHERE a.${of}
      UNION ALL SELECT max(dearest_usd) FROM faults WHERE ${of}
      UNION ALL SELECT max(dearest_usd) FROM superseded WHERE ${of}
      UNION ALL SELECT max(dearest_usd) FROM journal WHERE ${OVER} AND ${of})`,
  );
  return found?.usd ?? null;
}

type Reader = Pick<Tables, "select">;
const dearest = answer({ usd: real() });
const sums = answer({
  usd: real().notNull(),
  unpriced: integer().notNull(),
  cut_off: integer().notNull(),
});
const NOTHING: Spent = { usd: 0, unpriced: 0, cut_off: 0 };

function sumOf(db: Reader, parts: SQL): Spent {
  const [sum = NOTHING] = sums(
    db,
    sql`SELECT coalesce(sum(usd), 0) AS usd, coalesce(sum(unpriced), 0) AS unpriced, coalesce(sum(cut_off), 0) AS cut_off
    FROM (${parts})`,
  );
  return sum;
}
