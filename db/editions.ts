// Owns the editions of the dataset: which there are, and the version of each task that each of them has.
import { and, asc, desc, eq, sql } from "drizzle-orm";
import { once } from "../lib/core/once.ts";
import type { IndexedTask, Source } from "./indexed.ts";
import {
  type EditionRow,
  editions,
  editionTasks,
  featureVersions,
  type PairRow,
  pairVersions,
  taskVersions,
} from "./schema.ts";
import type { Tables } from "./tables.ts";

/** What is known of an edition besides its hash. */
export type EditionFacts = {
  /** What the user calls it. */
  readonly name?: string | undefined;
  /** Where it was taken from. */
  readonly origin: string;
  /** The commit of the hub; null for a folder. */
  readonly revision: string | null;
  /** Its folder below the dataset's; empty for that folder itself. */
  readonly dir: string;
};
export type TaskVersionRow = typeof taskVersions.$inferSelect;
export type VersionId = {
  readonly repo: string;
  readonly task_id: number;
  readonly task_hash: string;
};

export function editionStore(db: Tables) {
  const editionsOf = once(() => editionsHaving(db));
  const featuresOf = once(() => featuresHaving(db));
  return {
    /** Every edition, the one fetched last first. */
    all: (source?: Source): EditionRow[] =>
      db
        .select()
        .from(editions)
        .where(source === undefined ? undefined : eq(editions.source, source))
        .orderBy(desc(editions.fetched_at), asc(editions.hash))
        .all(),

    find: (hash: string): EditionRow | undefined =>
      db.select().from(editions).where(eq(editions.hash, hash)).get(),

    /** The tasks of an edition with their features, in text order of repo and numeric order of task. */
    tasks(edition: string) {
      const rows = versionsOf(db, edition);
      const found = db
        .select({ feature: featureVersions })
        .from(editionTasks)
        .innerJoin(featureVersions, ofVersion(featureVersions))
        .where(eq(editionTasks.edition, edition))
        .orderBy(asc(featureVersions.feature_id))
        .all();
      const byTask = Map.groupBy(found, ({ feature }) => `${feature.repo}/${feature.task_id}`);
      return rows.map((row) => {
        const own = byTask.get(`${row.repo}/${row.task_id}`) ?? [];
        return { ...row, features: own.map(({ feature }) => feature) };
      });
    },

    /** The pairs of an edition, and the groups of it whose gold patches were merged. */
    pairs: (edition: string): (PairRow & { task_hash: string })[] =>
      db
        .select({ pair: pairVersions })
        .from(editionTasks)
        .innerJoin(pairVersions, ofVersion(pairVersions))
        .where(eq(editionTasks.edition, edition))
        .all()
        .map(({ pair }) => pair),

    /** The version of a task, undefined where no edition had it. */
    version: (of: VersionId): TaskVersionRow | undefined =>
      db
        .select()
        .from(taskVersions)
        .where(
          and(
            eq(taskVersions.repo, of.repo),
            eq(taskVersions.task_id, of.task_id),
            eq(taskVersions.task_hash, of.task_hash),
          ),
        )
        .get(),

    /** The features of a version of a task, ascending. */
    features: ({ repo, task_id, task_hash }: VersionId) =>
      featuresOf().all({ repo, task_id, task_hash }),

    /** The editions that have a version of a task, the one fetched last first. */
    having({ repo, task_id, task_hash }: VersionId): EditionRow[] {
      return editionsOf()
        .all({ repo, task_id, task_hash })
        .map(({ edition }) => edition);
    },

    /** Whether an edition's files are those that lie in its folder: it was the last to be fetched into it. */
    isOnDisk({ hash, source, dir }: EditionRow): boolean {
      const last = db
        .select({ hash: editions.hash })
        .from(editions)
        .where(and(eq(editions.source, source), eq(editions.dir, dir)))
        .orderBy(desc(editions.fetched_at))
        .get();
      return last?.hash === hash;
    },

    /** Stored rows of groups, by key and version of the task. */
    groups(keys: readonly string[]): Map<string, PairRow & { task_hash: string }> {
      const wanted = new Set(keys);
      const rows = db.select().from(pairVersions).where(sql`features LIKE '%,%,%'`).all();
      const own = rows.filter(({ pair_key }) => wanted.has(pair_key));
      return new Map(own.map((row) => [`${row.pair_key} ${row.task_hash}`, row]));
    },

    /** Keeps groups of features of task versions with the traits and the merges of their gold patches. */
    putGroups(rows: readonly (typeof pairVersions.$inferInsert)[]): void {
      db.transaction((tx) => {
        for (const row of rows) {
          const { pair_key, task_hash } = pairVersions;
          const target = [pair_key, task_hash];
          tx.insert(pairVersions).values(row).onConflictDoUpdate({ target, set: row }).run();
        }
      });
    },
  };
}

/** Prepared once: it is asked of every attempt. */
function editionsHaving(db: Tables) {
  const is = (name: "repo" | "task_id" | "task_hash") =>
    eq(editionTasks[name], sql.placeholder(name));
  return db
    .select({ edition: editions })
    .from(editionTasks)
    .innerJoin(editions, eq(editions.hash, editionTasks.edition))
    .where(and(is("repo"), is("task_id"), is("task_hash")))
    .orderBy(desc(editions.fetched_at))
    .prepare();
}

function featuresHaving(db: Tables) {
  const is = (name: "repo" | "task_id" | "task_hash") =>
    eq(featureVersions[name], sql.placeholder(name));
  return db
    .select()
    .from(featureVersions)
    .where(and(is("repo"), is("task_id"), is("task_hash")))
    .orderBy(asc(featureVersions.feature_id))
    .prepare();
}

type Writer = Pick<Tables, "insert" | "update" | "select" | "all">;

/** Keeps an edition and the versions of its tasks that no other had; gold statuses that were found stay. */
export function keepEdition(
  db: Writer,
  edition: Omit<EditionRow, "fetched_at" | "name"> & Pick<EditionFacts, "name">,
  indexed: readonly IndexedTask[],
): void {
  const { hash, name = null, ...facts } = edition;
  const fetched_at = nextMoment(db);
  // A name is the last's that was fetched under it.
  if (name !== null) db.update(editions).set({ name: null }).where(eq(editions.name, name)).run();
  const set = { ...facts, fetched_at, ...(name === null ? {} : { name }) };
  const row = { ...facts, hash, name, fetched_at };
  db.insert(editions).values(row).onConflictDoUpdate({ target: editions.hash, set }).run();
  for (const { task, features, pairs, files = {} } of indexed) {
    const { repo, task_id, task_hash } = task;
    const version = { repo, task_id, task_hash };
    const link = { edition: hash, ...version };
    db.insert(editionTasks).values(link).onConflictDoNothing().run();
    const target = [taskVersions.repo, taskVersions.task_id, taskVersions.task_hash];
    const written = { ...task, files };
    db.insert(taskVersions)
      .values(written)
      .onConflictDoUpdate({ target, set: { files }, setWhere: sql`${taskVersions.files} = '{}'` })
      .run();
    for (const feature of features)
      db.insert(featureVersions)
        .values({ ...feature, task_hash })
        .onConflictDoNothing()
        .run();
    for (const pair of pairs)
      db.insert(pairVersions)
        .values({ ...pair, task_hash })
        .onConflictDoNothing()
        .run();
  }
}

/** Now, and later than any edition before: what was fetched last decides whose files lie in a folder. */
function nextMoment(db: Writer): string {
  const last = db
    .select({ at: sql<string | null>`max(${editions.fetched_at})` })
    .from(editions)
    .all()[0]?.at;
  const earliest = last === null || last === undefined ? 0 : Date.parse(last) + 1;
  return new Date(Math.max(Date.now(), earliest)).toISOString();
}

function versionsOf(db: Tables, edition: string): TaskVersionRow[] {
  return db
    .select({ task: taskVersions })
    .from(editionTasks)
    .innerJoin(taskVersions, ofVersion(taskVersions))
    .where(eq(editionTasks.edition, edition))
    .orderBy(asc(taskVersions.repo), asc(taskVersions.task_id))
    .all()
    .map(({ task }) => task);
}

function ofVersion(table: typeof taskVersions | typeof featureVersions | typeof pairVersions) {
  return and(
    eq(table.repo, editionTasks.repo),
    eq(table.task_id, editionTasks.task_id),
    eq(table.task_hash, editionTasks.task_hash),
  );
}
