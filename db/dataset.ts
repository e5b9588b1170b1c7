// Owns what the ledger knows of the dataset: tasks, features, pairs, subsets, and patches by content.
import { and, asc, eq, ne, type SQL, sql } from "drizzle-orm";
import { once } from "../lib/core/once.ts";
import { type EditionFacts, editionStore, keepEdition, type VersionId } from "./editions.ts";
import type { IndexedTask, Source } from "./indexed.ts";
import { putPatchFiles } from "./patch-files.ts";
import {
  features,
  type MergeStatus,
  meta,
  type PairRow,
  pairs,
  pairVersions,
  patches,
  subsetPairs,
  subsets,
  tasks,
} from "./schema.ts";
import type { Tables } from "./tables.ts";
/** Which pairs: every given field narrows; `features` means exactly these. */
export type PairFilter = {
  readonly source?: Source;
  /** Hash of an edition; the current one when absent. */
  readonly edition?: string | undefined;
  readonly repo?: string;
  readonly task_id?: number;
  readonly features?: readonly number[];
};

const ORIGIN = "dataset_origin";

export function datasetStore(db: Tables) {
  const versions = editionStore(db);
  const hashOf = (source: Source): string | undefined =>
    db
      .select()
      .from(meta)
      .where(eq(meta.name, `dataset_hash:${source}`))
      .get()?.value;
  const isCurrent = (edition: string | undefined) =>
    edition === undefined || edition === hashOf("dataset") || edition === hashOf("demo");
  const currentTasks = (source?: Source) => {
    const numbers = db.select().from(features).orderBy(asc(features.feature_id)).all();
    const byTask = Map.groupBy(numbers, (row) => `${row.repo}/${row.task_id}`);
    return db
      .select()
      .from(tasks)
      .where(source === undefined ? undefined : eq(tasks.source, source))
      .orderBy(asc(tasks.repo), asc(tasks.task_id))
      .all()
      .map((task) => ({ ...task, features: byTask.get(`${task.repo}/${task.task_id}`) ?? [] }));
  };
  const pairsAt = (filter: PairFilter, edition: string): PairRow[] => {
    const { source, repo, task_id, features: wanted } = filter;
    const demo = db.select().from(pairs).where(eq(pairs.source, "demo")).all();
    return [...versions.pairs(edition), ...demo]
      .filter((pair) => pair.features.length === 2)
      .filter((pair) => source === undefined || pair.source === source)
      .filter((pair) => repo === undefined || pair.repo === repo)
      .filter((pair) => task_id === undefined || pair.task_id === task_id)
      .filter((pair) => wanted === undefined || pair.features.join() === wanted.join())
      .sort(inOrder);
  };
  // Prepared once: a site asks them of thousands of attempts.
  const featuresOf = once(() =>
    db
      .select()
      .from(features)
      .where(
        and(
          eq(features.repo, sql.placeholder("repo")),
          eq(features.task_id, sql.placeholder("task_id")),
        ),
      )
      .orderBy(asc(features.feature_id))
      .prepare(),
  );
  const bytesOf = once(() =>
    db
      .select({ bytes: patches.bytes })
      .from(patches)
      .where(eq(patches.hash, sql.placeholder("hash")))
      .prepare(),
  );
  return {
    /**
     * Makes the current tasks of a source equal to `indexed`; tasks whose hash is unchanged are not rewritten. What was
     * current before stays as an edition. Returns how many were written.
     */
    index(
      source: Source,
      dataset_hash: string,
      indexed: readonly IndexedTask[],
      facts?: EditionFacts,
    ): number {
      return db.transaction(
        (tx) => {
          const same = hashOf(source) === dataset_hash && versions.find(dataset_hash);
          if (facts !== undefined || !same) {
            const { origin = "unknown", revision = null, dir = "", name } = facts ?? {};
            const edition = { hash: dataset_hash, source, origin, revision, dir, name };
            for (const entry of indexed)
              for (const patch of entry.patches) putPatch(tx, patch.hash, patch.bytes);
            keepEdition(tx, edition, indexed);
          }
          const before = tx.select().from(tasks).where(eq(tasks.source, source)).all();
          const known = new Map(before.map((row) => [`${row.repo}/${row.task_id}`, row.task_hash]));
          const wanted = new Set(indexed.map(({ task }) => `${task.repo}/${task.task_id}`));
          for (const row of before)
            if (!wanted.has(`${row.repo}/${row.task_id}`))
              tx.delete(tasks).where(isTask(row)).run();
          const changed = indexed.filter(
            ({ task }) => known.get(`${task.repo}/${task.task_id}`) !== task.task_hash,
          );
          for (const entry of changed) {
            tx.delete(tasks).where(isTask(entry.task)).run();
            tx.insert(tasks).values(entry.task).run();
            for (const feature of entry.features) tx.insert(features).values(feature).run();
            for (const pair of entry.pairs) tx.insert(pairs).values(pair).run();
            restoreGold(tx, entry.task);
          }
          setMeta(tx, `dataset_hash:${source}`, dataset_hash);
          return changed.length;
        },
        { behavior: "immediate" },
      );
    },

    /** Where the dataset was taken from, in a word that changes with it; undefined before it was fetched. */
    origin: (): string | undefined =>
      db.select({ value: meta.value }).from(meta).where(eq(meta.name, ORIGIN)).get()?.value,

    setOrigin(origin: string): void {
      setMeta(db, ORIGIN, origin);
    },

    /** SHA-256 over the indexed files of a source, or undefined when it was never indexed. */
    hash: hashOf,

    /**
     * All tasks with their features, in text order of repo and numeric order of task: the current edition's, or those of
     * the edition with that hash and the demo's.
     */
    tasks(source?: Source, edition?: string) {
      const others = isCurrent(edition) || edition === undefined ? [] : versions.tasks(edition);
      const now = currentTasks(source).filter(
        (task) => isCurrent(edition) || task.source === "demo",
      );
      return [...now, ...others.filter((task) => source === undefined || task.source === source)];
    },

    /** The features of a task, ascending. */
    features(repo: string, task_id: number) {
      return featuresOf().all({ repo, task_id });
    },

    /**
     * The features of a version of a task, ascending; of the current one where the ledger never knew that version, as in
     * ledgers that kept no editions.
     */
    featuresAt(version: VersionId) {
      const known = versions.features(version);
      return known.length > 0 ? known : this.features(version.repo, version.task_id);
    },

    /** Pairs that the filter leaves, in text order of repo, numeric order of task and features. */
    pairs(filter: PairFilter): PairRow[] {
      if (filter.edition !== undefined && !isCurrent(filter.edition))
        return pairsAt(filter, filter.edition);
      const conditions: SQL[] = [];
      if (filter.source !== undefined) conditions.push(eq(pairs.source, filter.source));
      if (filter.repo !== undefined) conditions.push(eq(pairs.repo, filter.repo));
      if (filter.task_id !== undefined) conditions.push(eq(pairs.task_id, filter.task_id));
      if (filter.features !== undefined) conditions.push(eq(pairs.features, [...filter.features]));
      return db
        .select()
        .from(pairs)
        .where(and(...conditions))
        .orderBy(asc(pairs.repo), asc(pairs.task_id))
        .all()
        .sort((a, b) => inOrder(a, b));
    },

    /** Keeps what merging the gold patches of pairs gave, in the current edition or the one with that hash. */
    setGold(
      rows: readonly { pair_key: string; naive: MergeStatus; union: MergeStatus }[],
      edition?: string,
    ): void {
      db.transaction((tx) => {
        for (const { pair_key, naive, union } of rows) {
          const set = { gold_naive: naive, gold_union: union };
          if (isCurrent(edition))
            tx.update(pairs).set(set).where(eq(pairs.pair_key, pair_key)).run();
          const hash =
            edition === undefined || isCurrent(edition)
              ? sql`(SELECT task_hash FROM tasks JOIN pairs USING (repo, task_id) WHERE pair_key = ${pair_key})`
              : sql`(SELECT task_hash FROM edition_tasks WHERE edition = ${edition} AND repo = ${pairVersions.repo} AND task_id = ${pairVersions.task_id})`;
          const own = sql`pair_key = ${pair_key} AND task_hash = ${hash}`;
          tx.update(pairVersions).set(set).where(own).run();
        }
      });
    },

    /** Makes the stored subset equal to the file's; a no-op when the file's hash is unchanged. */
    putSubset(
      subset: { name: string; description: string; file_hash: string },
      keys: readonly string[],
    ): void {
      db.transaction(
        (tx) => {
          const known = tx.select().from(subsets).where(eq(subsets.name, subset.name)).get();
          if (known?.file_hash === subset.file_hash) return;
          tx.delete(subsets).where(eq(subsets.name, subset.name)).run();
          tx.insert(subsets).values(subset).run();
          for (const [position, pair_key] of keys.entries())
            tx.insert(subsetPairs).values({ subset: subset.name, position, pair_key }).run();
        },
        // Reads before it writes: a deferred transaction would fail at once while there is another writer.
        { behavior: "immediate" },
      );
    },

    /** Stores bytes that are not an attempt's patch, such as a task's combined patch on its base. */
    keepPatches(kept: readonly { hash: string; bytes: Uint8Array }[]): void {
      db.transaction((tx) => {
        for (const { hash, bytes } of kept) putPatch(tx, hash, bytes);
      });
    },

    /** The bytes of stored patches, by hash. */
    patchBytes(hashes: Iterable<string>): Map<string, Uint8Array> {
      const found = new Map<string, Uint8Array>();
      for (const hash of new Set(hashes)) {
        const row = bytesOf().get({ hash });
        if (row) found.set(hash, row.bytes);
      }
      return found;
    },
  };
}

type Writer = Pick<Tables, "insert">;

/** What was found of a version before it was current stays found. */
function restoreGold(db: Pick<Tables, "run">, { repo, task_id, task_hash }: VersionId): void {
  db.run(sql`UPDATE pairs SET (gold_naive, gold_union) = (
      SELECT gold_naive, gold_union FROM pair_versions v WHERE v.pair_key = pairs.pair_key AND v.task_hash = ${task_hash})
    WHERE repo = ${repo} AND task_id = ${task_id}`);
}

/** Stores bytes under their hash once. */
export function putPatch(db: Writer, hash: string, bytes: Uint8Array): void {
  const fresh = db
    .insert(patches)
    .values({ hash, size_bytes: bytes.length, bytes: Buffer.from(bytes) })
    .onConflictDoNothing()
    .returning({ hash: patches.hash })
    .all();
  if (fresh.length > 0) putPatchFiles(db, hash, bytes);
}

function setMeta(db: Writer, name: string, value: string): void {
  db.insert(meta)
    .values({ name, value })
    .onConflictDoUpdate({ target: meta.name, set: { value }, setWhere: ne(meta.value, value) })
    .run();
}

function isTask(row: { repo: string; task_id: number }): SQL | undefined {
  return and(eq(tasks.repo, row.repo), eq(tasks.task_id, row.task_id));
}

function inOrder(a: PairRow, b: PairRow): number {
  if (a.repo !== b.repo) return a.repo < b.repo ? -1 : 1;
  if (a.task_id !== b.task_id) return a.task_id - b.task_id;
  const shared = Math.min(a.features.length, b.features.length);
  for (let index = 0; index < shared; index++) {
    const difference = (a.features[index] ?? 0) - (b.features[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.features.length - b.features.length;
}
