// Owns which units a step works on: keys from words or standard input, or filters over the ledger.
import { join, resolve } from "node:path";
import type { AttemptFilter } from "../db/attempts.ts";
import type { Ledger } from "../db/ledger.ts";
import type { OutcomeRow } from "../db/outcomes.ts";
import type { PairRow, Policy, TaskRow } from "../db/schema.ts";
import { indexDataset, loadSubset } from "../lib/dataset/index.ts";
import { DEMO_REPO } from "../lib/dataset/read.ts";
import { Fault, UsageError } from "../lib/fault.ts";
import { kindOfKey, pairKey, parseAttemptKey, parsePairKey, taskKey } from "../lib/keys.ts";
import { unknownName } from "../lib/nearest.ts";
import type { TaskFiles } from "../lib/sandbox/sandbox.ts";
import { featureNumbers, wholeNumber } from "./_args.ts";
import { givenKeys } from "./_keys.ts";

/** Where the demo task is kept in git. */
export const DEMO_ROOT = join(import.meta.dir, "../dataset");

export type Filters = {
  readonly name?: string | undefined;
  readonly subset?: string | undefined;
  readonly repo?: string | undefined;
  readonly task?: string | undefined;
  readonly features?: string | undefined;
  readonly limit?: string | undefined;
  readonly "dataset-dir": string;
};

/** The pairs that words, standard input or filters choose; the demo task takes part only when it is named. */
export async function selectPairs(
  ledger: Ledger,
  words: readonly string[],
  filters: Filters,
): Promise<PairRow[]> {
  const keys = (await givenKeys(words))?.map((key) =>
    kindOfKey(key) === "pair" ? key : pairKey(parseAttemptKey(key)),
  );
  if (filters.repo === DEMO_REPO || keys?.some((key) => key.startsWith(`${DEMO_REPO}/`)))
    indexDemo(ledger);
  const filter = pairFilter(ledger, filters);
  const wanted =
    keys ??
    (filters.subset === undefined
      ? undefined
      : loadSubset(ledger, filters["dataset-dir"], filters.subset));
  const named = keys !== undefined || filters.repo !== undefined;
  requireDataset(ledger, named && ledger.dataset.hash("demo") !== undefined);
  const rows = ledger.dataset.pairs({ ...filter, ...(named ? {} : { source: "dataset" }) });
  const limit = wholeNumber("--limit", filters.limit, 1);
  return (wanted === undefined ? rows : inGivenOrder(ledger, wanted, rows)).slice(0, limit);
}

/** Makes the demo task known to the ledger: it is part of Tandem and needs no fetching. */
export function indexDemo(ledger: Ledger): void {
  indexDataset(ledger, DEMO_ROOT, "demo");
}

function requireDataset(ledger: Ledger, demoWillDo: boolean): void {
  if (demoWillDo || ledger.dataset.hash("dataset") !== undefined) return;
  throw new UsageError(
    "the ledger knows no dataset: run `bun scripts/fetch-dataset.ts` first, or try the demo with -r demo_task",
  );
}

/** Checks the filters against what the ledger knows, so that a mistyped one is an error and not an empty result. */
function pairFilter(ledger: Ledger, filters: Pick<Filters, "repo" | "task" | "features">) {
  const tasks = ledger.dataset.tasks();
  const repo = filters.repo;
  const ofRepo = tasks.filter((task) => repo === undefined || task.repo === repo);
  if (repo !== undefined && ofRepo.length === 0 && tasks.length > 0)
    throw new UsageError(
      unknownName("repo", repo, [...new Set(tasks.map((task) => task.repo)), DEMO_REPO]),
    );
  const task_id = wholeNumber("-t", filters.task);
  const ofTask = ofRepo.filter((task) => task_id === undefined || task.task_id === task_id);
  if (task_id !== undefined && ofTask.length === 0 && tasks.length > 0)
    throw new UsageError(
      `${unknownName(
        "task",
        String(task_id),
        ofRepo.map((task) => String(task.task_id)),
      )}${repo === undefined ? "" : ` (in ${repo})`}`,
    );
  const features = featureNumbers(filters.features);
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

function inGivenOrder(
  ledger: Ledger,
  keys: readonly string[],
  rows: readonly PairRow[],
): PairRow[] {
  const byKey = new Map(rows.map((row) => [row.pair_key, row]));
  const all = new Set(ledger.dataset.pairs({}).map((row) => row.pair_key));
  return [...new Set(keys)].flatMap((key) => {
    if (!all.has(key)) throw new UsageError(unknownName("pair", key, all));
    return byKey.get(key) ?? [];
  });
}

/** Which finished attempts a step works on: given keys, or those of a run that the filters leave. */
export async function selectAttempts(
  ledger: Ledger,
  words: readonly string[],
  filters: Filters,
): Promise<AttemptFilter> {
  const keys = await givenKeys(words);
  const wrong = keys?.find((key) => kindOfKey(key) !== "attempt");
  if (wrong !== undefined)
    throw new UsageError(`"${wrong}" is a pair, not an attempt: put its run's name before it`);
  const { name, subset } = filters;
  if (name !== undefined && ledger.runs.find(name) === undefined)
    throw new UsageError(
      unknownName(
        "run",
        name,
        ledger.runs.all().map(({ run }) => run),
      ),
    );
  return {
    ...(name === undefined ? {} : { run: name }),
    ...(keys === undefined ? {} : { keys }),
    ...pairFilter(ledger, filters),
    ...(subset === undefined
      ? {}
      : { pair_keys: new Set(loadSubset(ledger, filters["dataset-dir"], subset)) }),
  };
}

/** Outcome rows (finished attempts and faults) that words, standard input or filters choose. */
export async function selectRows(
  ledger: Ledger,
  words: readonly string[],
  { filters, policy }: { filters: Filters; policy: Policy },
): Promise<OutcomeRow[]> {
  const filter = await selectAttempts(ledger, words, filters);
  const keys = filter.keys === undefined ? undefined : new Set(filter.keys);
  const rows = ledger.outcomes.rows(policy, filter.run === undefined ? undefined : [filter.run]);
  const { repo, task_id, features, pair_keys } = filter;
  return rows
    .filter(
      (row) =>
        (keys?.has(row.attempt_key) ?? true) &&
        (repo === undefined || row.repo === repo) &&
        (task_id === undefined || row.task_id === task_id) &&
        (features === undefined || row.features === features.join(",")) &&
        (pair_keys?.has(pairKey(parseAttemptKey(row.attempt_key))) ?? true),
    )
    .slice(0, wholeNumber("--limit", filters.limit, 1));
}

/** The filter narrowed to the keys it leaves now, `limit` of them at most: one selection for a whole call. */
export function attemptsWithin(ledger: Ledger, filter: AttemptFilter, limit: string | undefined) {
  const keys = ledger.attempts.keys(filter).slice(0, wholeNumber("--limit", limit, 1));
  const unknown = filter.keys?.find((key) => !ledger.attempts.has(key));
  if (unknown !== undefined)
    throw new UsageError(
      `the ledger has no finished attempt ${unknown}: run it with run-pair first`,
    );
  return { ...filter, keys };
}

/** The tasks that -r and -t leave; the demo takes part only when it is named. */
export function selectTasks(
  ledger: Ledger,
  filters: Pick<Filters, "repo" | "task" | "dataset-dir">,
) {
  if (filters.repo === DEMO_REPO) indexDemo(ledger);
  const { repo, task_id } = pairFilter(ledger, filters);
  requireDataset(ledger, repo === DEMO_REPO);
  return ledger.dataset
    .tasks(repo === DEMO_REPO ? "demo" : "dataset")
    .filter(
      (task) =>
        (repo === undefined || task.repo === repo) &&
        (task_id === undefined || task.task_id === task_id),
    )
    .map((task) => ({ task: taskFiles(task, filters["dataset-dir"]), features: task.features }));
}

/** The folder and hash of the task that a pair belongs to. Throws Fault `dataset_missing`. */
export function taskFinder(ledger: Ledger, dataset_dir: string): (pair_key: string) => TaskFiles {
  const tasks = new Map(ledger.dataset.tasks().map((task) => [taskKey(task), task]));
  return (pair_key) => {
    const pair = parsePairKey(pair_key);
    const task = tasks.get(taskKey(pair));
    if (!task)
      throw new Fault("dataset_missing", `the ledger knows no ${taskKey(pair)}`, {
        hint: "run fetch-dataset",
      });
    return taskFiles(task, dataset_dir);
  };
}

function taskFiles(task: TaskRow, dataset_dir: string): TaskFiles {
  const { repo, task_id, dir, source, task_hash } = task;
  return {
    repo,
    task_id,
    dir: resolve(source === "demo" ? DEMO_ROOT : dataset_dir, dir),
    task_hash,
  };
}
