// Owns where the files of tasks are: of the current edition, of a named one, or of the version that an attempt was made on.
import { join, resolve } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { TaskRow } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { parsePairKey, taskKey } from "../core/keys.ts";
import { editionWord } from "../dataset/edition.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";

/** Where the demo task is kept in git. */
export const DEMO_ROOT = join(import.meta.dir, "../../dataset");

type TaskId = { readonly repo: string; readonly task_id: number };
/** The task files of a pair: of a version of its task, where one is named. Throws Fault `dataset_missing`. */
export type TaskFinder = (pair_key: string, task_hash?: string) => TaskFiles;

/**
 * The folder and hash of the task that a pair belongs to: in the edition with that hash (the current one when absent), or
 * in the version that is asked for. One that the ledger never knew is taken for the edition's, as before there were editions.
 */
export function taskFinder(ledger: Ledger, dataset_dir: string, edition?: string): TaskFinder {
  const own = new Map(
    ledger.dataset.tasks(undefined, edition).map((task) => [taskKey(task), task]),
  );
  const placed = openPlaces(ledger, dataset_dir);
  const versions = new Map<string, TaskRow | undefined>();
  const versionOf = (id: TaskId, task_hash: string | undefined) => {
    const current = own.get(taskKey(id));
    if (task_hash === undefined || task_hash === current?.task_hash) return current;
    const name = `${taskKey(id)} ${task_hash}`;
    const found = versions.get(name) ?? ledger.editions.version({ ...id, task_hash });
    versions.set(name, found);
    return found ?? current;
  };
  return (pair_key, task_hash) => {
    const { repo, task_id } = parsePairKey(pair_key);
    const found = versionOf({ repo, task_id }, task_hash);
    if (!found)
      throw new Fault("dataset_missing", `the ledger has no ${taskKey({ repo, task_id })}`, {
        hint: "run fetch-dataset",
      });
    return placed(found);
  };
}

/**
 * Where the files of versions of tasks are; each is looked up once. Throws Fault `dataset_missing` for files that were
 * replaced.
 */
export function openPlaces(ledger: Ledger, dataset_dir: string): (task: TaskRow) => TaskFiles {
  const known = new Map<string, TaskFiles>();
  const place = (task: TaskRow): TaskFiles => {
    const { repo, task_id, dir, source, task_hash } = task;
    const root = source === "demo" ? DEMO_ROOT : dataset_dir;
    const editions = ledger.editions.having(task);
    const there = editions.find((edition) => ledger.editions.isOnDisk(edition));
    const [last] = editions;
    if (last !== undefined && there === undefined)
      throw new Fault(
        "dataset_missing",
        `the files of ${taskKey(task)} in edition ${editionWord(last)} were replaced by another edition's`,
        { hint: "fetch that edition again, and name it: fetch-dataset --edition NAME" },
      );
    return { repo, task_id, dir: resolve(root, there?.dir ?? "", dir), task_hash };
  };
  return (task) => {
    const name = `${taskKey(task)} ${task.task_hash}`;
    const found = known.get(name) ?? place(task);
    known.set(name, found);
    return found;
  };
}
