// Owns runs: a name bound once to a frozen configuration.
import { asc, eq, like } from "drizzle-orm";
import { keepPairsWide } from "./pairs-wide.ts";
import { meta, processes, type RunRow, runs } from "./schema.ts";
import { dearestOf, type Spent, spentOf } from "./spent.ts";
import type { Tables } from "./tables.ts";

export function runStore(db: Tables) {
  const find = (run: string): RunRow | undefined =>
    db.select().from(runs).where(eq(runs.run, run)).get();
  return {
    find,
    /** Stores the run unless its name is taken, and returns the row that is stored. */
    put(row: RunRow): RunRow {
      const stored = find(row.run);
      if (stored !== undefined) return stored;
      db.transaction(
        (tx) => {
          tx.insert(runs).values(row).onConflictDoNothing().run();
          keepPairsWide(tx);
        },
        { behavior: "immediate" },
      );
      return find(row.run) ?? row;
    },
    /**
     * What runs have cost: their attempts, those that were done again, and those that broke, were stopped or were lost with
     * their process.
     */
    spent: (...names: string[]): Spent => spentOf(db, names),
    /** The dearest call of the runs, US dollars; 0 when none is known. */
    dearest_usd: (...names: string[]): number => dearestOf(db, names) ?? 0,
    /** Remembers that these runs are a study's, those too that are yet to be made. */
    setStudy(study: string, names: readonly string[]): void {
      const known = saidStudies(db);
      for (const run of names.filter((name) => known.get(name) !== study)) {
        const row = { name: `${OF_STUDY}${run}`, value: study };
        const { name: target } = meta;
        db.insert(meta).values(row).onConflictDoUpdate({ target, set: row }).run();
      }
    },
    /** The study of each run that is one's. */
    studies(): ReadonlyMap<string, string> {
      const known = saidStudies(db);
      const said = new Set(known.values());
      const early = earlyStudies(db).filter((name) => !said.has(name));
      const runNames = early.length === 0 ? [] : db.select({ run: runs.run }).from(runs).all();
      for (const { run } of runNames) {
        const study = early.find((name) => run.startsWith(`${name}-`));
        if (study !== undefined && !known.has(run)) known.set(run, study);
      }
      return known;
    },
    all: (): RunRow[] => db.select().from(runs).orderBy(asc(runs.created_at), asc(runs.run)).all(),
  };
}

const OF_STUDY = "study:";
const RUNNER = "pipeline ";

/** The study of each run, where it was said. */
function saidStudies(db: Tables): Map<string, string> {
  const said = db
    .select()
    .from(meta)
    .where(like(meta.name, `${OF_STUDY}%`))
    .all();
  return new Map(said.map(({ name, value }) => [name.slice(OF_STUDY.length), value]));
}

/** Studies that processes worked on, the longest name first: early ledgers did not say whose a run is, but by its name. */
function earlyStudies(db: Tables): string[] {
  const rows = db
    .selectDistinct({ command: processes.command })
    .from(processes)
    .where(like(processes.command, `${RUNNER}%`))
    .all();
  const names = rows.map(({ command }) => command.slice(RUNNER.length));
  return names.sort((a, b) => b.length - a.length);
}
