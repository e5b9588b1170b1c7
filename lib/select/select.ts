// Owns which units a stage works on: given keys, or filters over the ledger's units.
import type { AttemptFilter } from "../../db/attempts.ts";
import type { PairFilter } from "../../db/dataset.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { EditionRow, FeatureRow, PairRow, Policy } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import {
  kindOfKey,
  type PairId,
  pairKey,
  parseAttemptKey,
  parsePairKey,
  taskKey,
} from "../core/keys.ts";
import { unknownName } from "../core/nearest.ts";
import { editionNamed } from "../dataset/edition.ts";
import { indexDataset, loadSubset } from "../dataset/index.ts";
import { DEMO_REPO } from "../dataset/read.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import { gradeableWithin } from "./gradeable.ts";
import { runsNamed } from "./named-runs.ts";
import type { Selection } from "./selection.ts";
import { DEMO_ROOT, openPlaces } from "./task-files.ts";

/** A pair of the dataset, or more features of one task, for as many agents. */
export type Unit = Pick<PairRow, "pair_key" | "repo" | "task_id" | "features"> & Partial<PairRow>;

/**
 * The pairs that keys or filters choose; the demo task takes part only when it is named. Throws UsageError for what the
 * dataset does not have, naming the nearest.
 */
export function selectPairs(ledger: Ledger, filters: Selection): Unit[] {
  const keys = filters.keys?.map((key) =>
    kindOfKey(key) === "pair" ? key : pairKey(parseAttemptKey(key)),
  );
  if (filters.repo === DEMO_REPO || keys?.some((key) => key.startsWith(`${DEMO_REPO}/`)))
    indexDemo(ledger);
  const named = keys !== undefined || filters.repo !== undefined;
  requireDataset(ledger, named && ledger.dataset.hash("demo") !== undefined);
  const edition = editionNamed(ledger, filters.edition);
  const filter = { ...pairFilter(ledger, filters, edition), edition: edition?.hash };
  const wanted =
    keys ??
    (filters.subset === undefined
      ? undefined
      : loadSubset(ledger, filters.dataset_dir, filters.subset, edition));
  const rows = unitsOf(ledger, { ...filter, ...(named ? {} : { source: "dataset" }) });
  const chosen = wanted === undefined ? rows : inGivenOrder(ledger, wanted, { ...filter, rows });
  const fits = gradeableWithin(ledger, filters, edition?.hash);
  return chosen.filter((one) => fits(one)).slice(0, filters.limit);
}

/** Pairs are stored; three features and more are a unit in every task that has them all. */
function unitsOf(ledger: Ledger, filter: PairFilter): Unit[] {
  const { features = [], source, edition, repo, task_id } = filter;
  if (features.length <= 2) return ledger.dataset.pairs(filter);
  return ledger.dataset
    .tasks(source, edition)
    .filter(
      (task) =>
        (repo === undefined || task.repo === repo) &&
        (task_id === undefined || task.task_id === task_id) &&
        hasFeatures(task, features),
    )
    .map((task) => unit({ repo: task.repo, task_id: task.task_id, features }));
}

function unit(id: PairId): Unit {
  return { ...id, features: [...id.features], pair_key: pairKey(id) };
}

function hasFeatures(task: TaskWithFeatures, features: readonly number[]): boolean {
  return features.every((wanted) => task.features.some(({ feature_id }) => feature_id === wanted));
}

/** Enters the demo task into the ledger: it is part of Tandem and needs no fetching. */
export function indexDemo(ledger: Ledger): void {
  indexDataset(ledger, DEMO_ROOT, "demo");
}

function requireDataset(ledger: Ledger, demoWillDo: boolean): void {
  if (demoWillDo || ledger.dataset.hash("dataset") !== undefined) return;
  throw new UsageError(
    "the ledger has no dataset: run `npx tandem fetch-dataset` first, or try the demo with -r demo_task",
  );
}

/** Checks the filters against the ledger, so that a mistyped one is an error and not an empty result. */
function pairFilter(
  ledger: Ledger,
  filters: Pick<Selection, "repo" | "task_id" | "features">,
  edition?: EditionRow,
) {
  const tasks = ledger.dataset.tasks(undefined, edition?.hash);
  const repo = filters.repo;
  const ofRepo = tasks.filter((task) => repo === undefined || task.repo === repo);
  if (repo !== undefined && ofRepo.length === 0 && tasks.length > 0)
    throw new UsageError(
      unknownName("repo", repo, [...new Set(tasks.map((task) => task.repo)), DEMO_REPO]),
    );
  const { task_id } = filters;
  const ofTask = ofRepo.filter((task) => task_id === undefined || task.task_id === task_id);
  if (task_id !== undefined && ofTask.length === 0 && tasks.length > 0)
    throw new UsageError(
      `${unknownName(
        "task",
        String(task_id),
        ofRepo.map((task) => String(task.task_id)),
      )}${repo === undefined ? "" : ` (in ${repo})`}`,
    );
  const features = filters.features && [...filters.features].sort((a, b) => a - b);
  for (const feature of features ?? [])
    if (!ofTask.some((task) => task.features.some(({ feature_id }) => feature_id === feature)))
      throw new UsageError(unknownFeature(feature, ofTask));
  return {
    ...(repo === undefined ? {} : { repo }),
    ...(task_id === undefined ? {} : { task_id }),
    ...(features === undefined ? {} : { features }),
  };
}

type TaskWithFeatures = ReturnType<Ledger["dataset"]["tasks"]>[number];

function unknownFeature(feature: number, tasks: readonly TaskWithFeatures[]): string {
  const numbers = new Set(
    tasks.flatMap((task) => task.features.map(({ feature_id }) => String(feature_id))),
  );
  const where = tasks.length === 1 && tasks[0] ? ` of ${taskKey(tasks[0])}` : "";
  return `${unknownName("feature", String(feature), numbers)} (features${where}: ${[...numbers].join(", ")})`;
}

type Chosen = PairFilter & { readonly rows: readonly Unit[] };

function inGivenOrder(
  ledger: Ledger,
  keys: readonly string[],
  { rows, edition, repo, task_id, features }: Chosen,
): Unit[] {
  const byKey = new Map(rows.map((row) => [row.pair_key, row]));
  const all = new Set(ledger.dataset.pairs({ edition }).map((row) => row.pair_key));
  const tasks = new Map(
    ledger.dataset.tasks(undefined, edition).map((task) => [taskKey(task), task]),
  );
  return [...new Set(keys)].flatMap((key) => {
    if (all.has(key)) return byKey.get(key) ?? [];
    const id = parsePairKey(key);
    const task = tasks.get(taskKey(id));
    if (id.features.length <= 2 || !task || !hasFeatures(task, id.features))
      throw new UsageError(unknownName("pair", key, all));
    const isLeft =
      (repo === undefined || id.repo === repo) &&
      (task_id === undefined || id.task_id === task_id) &&
      (features === undefined || features.join() === id.features.join());
    return isLeft ? unit(id) : [];
  });
}

/** Which finished attempts a stage works on: given keys, or those of a run that pass the filters. Throws UsageError. */
export function selectAttempts(ledger: Ledger, filters: Selection): AttemptFilter {
  const { keys, run: name, subset } = filters;
  const wrong = keys?.find((key) => kindOfKey(key) !== "attempt");
  if (wrong !== undefined)
    throw new UsageError(`"${wrong}" is a pair, not an attempt: put its run's name in front`);
  const edition = editionNamed(ledger, filters.edition);
  return {
    ...(name === undefined ? {} : { runs: runsNamed(ledger, name) }),
    ...(keys === undefined ? {} : { keys }),
    ...(edition === undefined ? {} : { edition: edition.hash }),
    ...pairFilter(ledger, filters, edition),
    ...(subset === undefined
      ? {}
      : { pair_keys: new Set(loadSubset(ledger, filters.dataset_dir, subset, edition)) }),
  };
}

/** Outcome rows (finished attempts and faults) that keys or filters choose. */
export function selectRows(
  ledger: Ledger,
  { filters, policy }: { filters: Selection; policy: Policy },
): OutcomeRow[] {
  const { runs: names = filters.run === undefined ? undefined : [filters.run] } = filters;
  const runs = names && [...new Set(names.flatMap((name) => runsNamed(ledger, name)))];
  const filter = selectAttempts(ledger, filters);
  const keys = filter.keys === undefined ? undefined : new Set(filter.keys);
  const rows = ledger.outcomes.rows(policy, runs);
  const { repo, task_id, features, pair_keys, edition } = filter;
  const fits = gradeableWithin(ledger, filters);
  const tasks = edition === undefined ? [] : ledger.editions.tasks(edition);
  const versions = new Set(tasks.map(({ task_hash }) => task_hash));
  // What a fault prevented was to be made on the run's edition.
  const isOf = ({ task_hash, run }: OutcomeRow) =>
    task_hash === null ? ledger.runs.find(run)?.edition === edition : versions.has(task_hash);
  return rows
    .filter(
      (row) =>
        (keys?.has(row.attempt_key) ?? true) &&
        (edition === undefined || isOf(row)) &&
        (repo === undefined || row.repo === repo) &&
        (task_id === undefined || row.task_id === task_id) &&
        (features === undefined || row.features === features.join(",")) &&
        (pair_keys?.has(pairKey(parseAttemptKey(row.attempt_key))) ?? true) &&
        fits(parseAttemptKey(row.attempt_key), row.task_hash),
    )
    .slice(0, filters.limit);
}

/** The attempts as a filter of the keys there are now, `limit` of them at most: one selection for a whole call. */
export function attemptsWithin(ledger: Ledger, filters: Selection) {
  const filter = selectAttempts(ledger, filters);
  const fits = gradeableWithin(ledger, filters);
  const keys = ledger.attempts
    .keys(filter)
    .filter((key) => fits(parseAttemptKey(key)))
    .slice(0, filters.limit);
  const unknown = filter.keys?.find((key) => !ledger.attempts.has(key));
  if (unknown !== undefined)
    throw new UsageError(
      `the ledger has no finished attempt ${unknown}: run it with run-pair first`,
    );
  return { ...filter, keys };
}

export type SelectedTask = {
  readonly task: TaskFiles;
  readonly features: readonly FeatureRow[];
};

/** The tasks that match repository and task number; the demo takes part only when it is named. */
export function selectTasks(
  ledger: Ledger,
  filters: Pick<Selection, "repo" | "task_id" | "edition" | "dataset_dir">,
): SelectedTask[] {
  if (filters.repo === DEMO_REPO) indexDemo(ledger);
  const edition = editionNamed(ledger, filters.edition);
  const { repo, task_id } = pairFilter(ledger, filters, edition);
  requireDataset(ledger, repo === DEMO_REPO);
  const placed = openPlaces(ledger, filters.dataset_dir);
  return ledger.dataset
    .tasks(repo === DEMO_REPO ? "demo" : "dataset", edition?.hash)
    .filter(
      (task) =>
        (repo === undefined || task.repo === repo) &&
        (task_id === undefined || task.task_id === task_id),
    )
    .map((task) => ({ task: placed(task), features: task.features }));
}
