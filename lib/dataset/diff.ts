// Owns what changed from one edition of the dataset to another, feature by feature.
import type { Ledger } from "../../db/ledger.ts";
import type { EditionRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { featureKey, taskKey } from "../core/keys.ts";
import { compareText } from "./sample.ts";

/** What of a feature, or of its task, differs. */
export type FeatureDifference = {
  readonly key: string;
  readonly change: "changed" | "added" | "removed";
  readonly text: boolean;
  readonly tests: boolean;
  readonly gold: boolean;
  readonly runner: boolean;
  readonly image: boolean;
  /** Other files of the task that differ, by path from its folder. */
  readonly other: readonly string[];
};

const RUNNER = new Set(["runner.sh", "run_tests.sh"]);
const IMAGE = new Set(["Dockerfile", "setup.sh"]);

type Task = ReturnType<Ledger["editions"]["tasks"]>[number];

/** One row per feature that differs, in the order of the dataset. Throws UsageError where a version's files were not written down. */
export function editionDiff(ledger: Ledger, from: EditionRow, to: EditionRow): FeatureDifference[] {
  const [before, after] = [from, to].map((edition) => {
    const tasks = ledger.editions.tasks(edition.hash);
    return new Map(tasks.map((task) => [taskKey(task), task]));
  });
  const keys = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  const rows = [...keys].map((key) => [before?.get(key), after?.get(key)] as const);
  return rows
    .sort(([a1, b1], [a2, b2]) => byTask(a1 ?? b1, a2 ?? b2))
    .flatMap(([a, b]) => taskDiff(a, b));
}

function byTask(a: Task | undefined, b: Task | undefined): number {
  return compareText(a?.repo ?? "", b?.repo ?? "") || (a?.task_id ?? 0) - (b?.task_id ?? 0);
}

function taskDiff(before: Task | undefined, after: Task | undefined): FeatureDifference[] {
  if (before?.task_hash === after?.task_hash) return [];
  const changed = changedFiles(before, after);
  const some = (names: ReadonlySet<string>) => changed.some((path) => names.has(path));
  const about = { runner: some(RUNNER), image: some(IMAGE) };
  const own = (id: number) =>
    new RegExp(`^feature${id}/(feature\\.md|feature\\.patch|tests\\.patch)$`);
  const ids = [before, after].flatMap((task) => task?.features ?? []).map((row) => row.feature_id);
  const features = [...new Set(ids)].sort((a, b) => a - b);
  const owned = (path: string) => features.some((id) => own(id).test(path));
  const shared = changed.filter((path) => !RUNNER.has(path) && !IMAGE.has(path) && !owned(path));
  return features.flatMap((feature_id) => {
    const [a, b] = [before, after].map((task) =>
      task?.features.find((row) => row.feature_id === feature_id),
    );
    const task = before ?? after;
    if (task === undefined) return [];
    // A folder of a feature belongs to that feature; what lies beside them, to all.
    const other = shared.filter((path) => {
      const folder = /^feature(\d+)\//.exec(path)?.[1];
      return folder === undefined || Number(folder) === feature_id;
    });
    const parts = {
      text: a?.description !== b?.description,
      tests: a?.tests_patch !== b?.tests_patch,
      gold: a?.gold_patch !== b?.gold_patch,
      ...about,
    };
    if (other.length === 0 && !Object.values(parts).includes(true)) return [];
    const change = a === undefined ? "added" : b === undefined ? "removed" : "changed";
    return [{ key: featureKey({ ...task, feature_id }), change, ...parts, other }];
  });
}

function changedFiles(before: Task | undefined, after: Task | undefined): string[] {
  const [a, b] = [filesOf(before), filesOf(after)];
  const paths = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...paths].filter((path) => a[path] !== b[path]).sort(compareText);
}

function filesOf(task: Task | undefined): Readonly<Record<string, string>> {
  if (task === undefined) return {};
  if (Object.keys(task.files).length > 0) return task.files;
  throw new UsageError(
    `${taskKey(task)}: an older Tandem did not record which files that edition had: fetch it again`,
  );
}
