// Owns the published subset format: reading, checking against the dataset, making and writing it.
import { z } from "zod";
import { Fault, UsageError } from "../core/fault.ts";
import { featureKey, type PairId, pairKey, sortedFeatures, taskKey } from "../core/keys.ts";
import { unknownName } from "../core/nearest.ts";
import { safeParse } from "../core/safe-parse.ts";
import { compareFeatures, compareText, pairsOfTask } from "./sample.ts";

const SUBSET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const NAME_RULE =
  "must be letters, digits and . _ - (a letter or digit first, 200 characters at most)";

const wholeNumber = z.int().nonnegative();
/** Strict, because a misspelt `pairs` would otherwise mean every pair of the task. */
const members = z.array(z.array(wholeNumber).min(2)).min(1).optional();
const subsetTask = z
  .strictObject({ repo: z.string().min(1), task_id: wholeNumber, pairs: members, groups: members })
  .refine(
    ({ pairs, groups }) => pairs === undefined || groups === undefined,
    "has both pairs and groups: name its members under one of them",
  );
/** Counts that a file may give: they are compared with what it lists, and mean nothing else. */
const stats = z.record(z.string(), z.unknown());
const subsetSchema = z.object({
  name: z.string().regex(SUBSET_NAME, NAME_RULE),
  description: z.string(),
  stats: stats.optional(),
  tasks: z.array(subsetTask).min(1),
});

/**
 * A subset as published; a task without members stands for all its pairs. `repo` is the folder's name. Members are lists
 * of two features or more, under `pairs` or `groups`.
 */
export type Subset = z.infer<typeof subsetSchema>;

/** What subsets need to know of a task in the dataset. */
export type TaskFeatures = {
  readonly repo: string;
  readonly task_id: number;
  readonly feature_ids: readonly number[];
};

/** The name when it can be a subset's and its file's; otherwise a UsageError. */
export function checkedSubsetName(name: string): string {
  if (SUBSET_NAME.test(name)) return name;
  throw new UsageError(`subset name "${name}" ${NAME_RULE}`);
}

/**
 * The subset in `text`; `source` is the name of its file, for messages. Fields that the format does not
 * know are dropped at the top and refused inside a task. Throws Fault `dataset_invalid`.
 */
export function parseSubset(text: string, source: string): Subset {
  const result = safeParse(subsetSchema, parseJson(text, source));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = z.core.toDotPath(issue?.path ?? []) || "top level";
  throw invalid(`${source}: ${place}: ${issue?.message}`, result.error);
}

/**
 * The pairs of a subset in the order of its file, features ascending. Throws UsageError when it names
 * a repo, task or feature that `dataset` lacks, a task that has no pairs, or a pair or a feature twice.
 */
export function subsetPairs(subset: Subset, dataset: readonly TaskFeatures[]): PairId[] {
  const where = `subset "${subset.name}"`;
  const pairs = subset.tasks.flatMap((entry) => {
    const task = knownTask(entry, dataset, where);
    const listed = entry.pairs ?? entry.groups;
    const found = listed?.map((pair) => knownPair(pair, task, where)) ?? pairsOfTask(task);
    if (found.length > 0) return found;
    throw new UsageError(`${where}: ${taskKey(task)} has fewer than two features, so no pairs`);
  });
  return checkedPairs(pairs, where);
}

/** What the counts that a subset gives say otherwise than its members: one sentence each, none without counts. */
export function statsProblems(subset: Subset, members: readonly PairId[]): string[] {
  const sizes = new Set(members.map(({ features }) => features.length));
  const [size] = sizes;
  const of = (length: number) =>
    members.filter(({ features }) => features.length === length).length;
  const counts: Readonly<Record<string, number | undefined>> = {
    tasks: new Set(members.map(taskKey)).size,
    repos: new Set(members.map(({ repo }) => repo)).size,
    pairs: members.length,
    groups: members.length,
    triplets: of(3),
    triples: of(3),
    quadruples: of(4),
    group_size: sizes.size === 1 ? size : undefined,
  };
  return Object.entries(subset.stats ?? {}).flatMap(([name, said]) => {
    const found = Object.hasOwn(counts, name) ? counts[name] : said;
    return found === said
      ? []
      : [`stats.${name} is ${said}, but its members give ${found ?? "several"}`];
  });
}

/**
 * A subset of these pairs or groups, ordered as the published ones are: repositories as text, tasks by number
 * (`25, 68, 290`: not the recipe's text order), pairs number by number. Throws UsageError on a bad
 * name, no pairs, a pair or a feature twice.
 */
export function makeSubset(content: {
  readonly name: string;
  readonly description: string;
  readonly pairs: readonly PairId[];
}): Subset {
  const name = checkedSubsetName(content.name);
  const pairs = checkedPairs(content.pairs, `subset "${name}"`);
  if (pairs.length === 0) throw new UsageError(`subset "${name}" would be empty: give it a pair`);
  const size = groupSize(pairs);
  const tasks = [...Map.groupBy(pairs, taskKey).values()]
    .flatMap((own) => subsetTaskOf(own, size === undefined ? "pairs" : "groups"))
    .sort(byRepoAndNumber);
  const repos = new Set(pairs.map((pair) => pair.repo)).size;
  const count =
    size === undefined ? { pairs: pairs.length } : { groups: pairs.length, group_size: size };
  const stats = { tasks: tasks.length, ...count, repos };
  return { name, description: content.description, stats, tasks };
}

/** The size of all members where it is one, and larger than two: such a subset has the form of groups, others that of pairs. */
function groupSize(members: readonly PairId[]): number | undefined {
  const [size = 2, ...others] = new Set(members.map(({ features }) => features.length));
  return size > 2 && others.length === 0 ? size : undefined;
}

/** The file of a subset, byte for byte as published: two-space JSON, fields in the format's order, a final newline. */
export function subsetText(subset: Subset): string {
  return `${JSON.stringify(subsetSchema.parse(subset), null, 2)}\n`;
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(
      `${source} is not JSON: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}

function invalid(message: string, cause: unknown): Fault {
  const hint = "repair the subset file, or fetch the dataset again when it is a published one";
  return new Fault("dataset_invalid", message, { hint, cause });
}

function knownTask(
  wanted: { repo: string; task_id: number },
  dataset: readonly TaskFeatures[],
  where: string,
): TaskFeatures {
  const siblings = dataset.filter((task) => task.repo === wanted.repo);
  if (siblings.length === 0) {
    const repos = dataset.map((task) => task.repo);
    throw new UsageError(`${where}: ${unknownName("repo", wanted.repo, repos)}`);
  }
  const task = siblings.find((sibling) => sibling.task_id === wanted.task_id);
  if (task) return task;
  throw new UsageError(`${where}: ${unknownName("task", taskKey(wanted), siblings.map(taskKey))}`);
}

function knownPair(features: readonly number[], task: TaskFeatures, where: string): PairId {
  const keyOf = (feature_id: number) => featureKey({ ...task, feature_id });
  const stranger = features.find((feature) => !task.feature_ids.includes(feature));
  if (stranger !== undefined) {
    const names = task.feature_ids.map(keyOf);
    throw new UsageError(`${where}: ${unknownName("feature", keyOf(stranger), names)}`);
  }
  return { repo: task.repo, task_id: task.task_id, features: sortedFeatures(features) };
}

function checkedPairs(pairs: readonly PairId[], where: string): PairId[] {
  const seen = new Set<string>();
  for (const pair of pairs) {
    const key = pairKey(pair);
    if (pair.features.length < 2)
      throw new UsageError(`${where}: ${key} has fewer than two features`);
    const repeated = sortedFeatures(pair.features).find(
      (feature, i, all) => feature === all[i + 1],
    );
    if (repeated !== undefined)
      throw new UsageError(`${where}: ${key} names feature ${repeated} twice: name it once`);
    if (seen.has(key)) throw new UsageError(`${where} names ${key} twice: name it once`);
    seen.add(key);
  }
  return [...pairs];
}

function subsetTaskOf(pairs: readonly PairId[], form: "pairs" | "groups"): Subset["tasks"] {
  const [first] = pairs;
  if (!first) return [];
  const sorted = pairs.map((pair) => sortedFeatures(pair.features)).sort(compareFeatures);
  return [{ repo: first.repo, task_id: first.task_id, [form]: sorted }];
}

function byRepoAndNumber(
  a: { repo: string; task_id: number },
  b: { repo: string; task_id: number },
) {
  return compareText(a.repo, b.repo) || a.task_id - b.task_id;
}
