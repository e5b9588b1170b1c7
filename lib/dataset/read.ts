// Owns reading a dataset tree from a folder: tasks, features, pairs, traits, and what is odd about them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { IndexedTask, Source } from "../../db/indexed.ts";
import { Fault } from "../core/fault.ts";
import { sha256, walk } from "../core/files.ts";
import { isRepoName, pairKey, taskKey } from "../core/keys.ts";
import { sumOf } from "../core/lists.ts";
import { clashOf } from "../merge/clash.ts";
import { touchedPaths } from "../patch/left-out.ts";
import { changedLines, isBlank, parsePatch, patchProblems } from "../patch/parse.ts";
import type { Patch } from "../patch/patch.ts";
import { compareText, pairsOfTask } from "./sample.ts";
import { coupling } from "./traits.ts";

/** Something odd, that does not stop the reading; `place` is a key or a path in the dataset. */
export type Problem = { readonly place: string; readonly problem: string };
export type DatasetTree = {
  readonly tasks: readonly IndexedTask[];
  /** SHA-256 over the hashes of all tasks. */
  readonly hash: string;
  readonly problems: readonly Problem[];
};

const SCRIPTS = ["setup.sh", "run_tests.sh", "Dockerfile", "runner.sh"] as const;
export const DEMO_REPO = "demo_task";
/** For one patch: a file that is not a patch may have one problem per line. */
const MOST_PROBLEMS = 20;
/** A number as keys write it; `task01` would be looked for under another name. */
const NUMBER = "(0|[1-9]\\d{0,14})";
const TASK = new RegExp(`^task${NUMBER}$`);
const FEATURE = new RegExp(`^feature${NUMBER}$`);

/** The folder that holds `*_task` folders: `folder` itself, or its `dataset` folder (a clone). Throws Fault `dataset_missing`. */
export function datasetRoot(folder: string): string {
  for (const candidate of [folder, join(folder, "dataset")])
    if (existsSync(candidate) && taskFolders(candidate).length > 0) return candidate;
  throw new Fault(
    "dataset_missing",
    `${folder} holds no CooperBench dataset (no <repo>_task/task<id> folder)`,
    {
      hint: "name the folder of a clone or download with --from, or fetch it from the hub",
    },
  );
}

/** Reads every task of a source. Oddities are collected, not thrown. */
export function readDataset(root: string, source: Source): DatasetTree {
  const problems = oddFolders(root);
  const tasks = taskFolders(root)
    .filter(({ repo }) => (repo === DEMO_REPO) === (source === "demo"))
    .flatMap((folder) => readTask(root, folder, { source, problems }) ?? []);
  const hash = sha256(tasks.map(({ task }) => `${taskKey(task)} ${task.task_hash}\n`).join(""));
  return { tasks, hash, problems };
}

type TaskFolder = { readonly repo: string; readonly task_id: number };
type Reading = { readonly source: Source; readonly problems: Problem[] };

function taskFolders(root: string): TaskFolder[] {
  return folders(root)
    .filter((repo) => repo.endsWith("_task") && isRepoName(repo))
    .flatMap((repo) =>
      folders(join(root, repo)).flatMap((name) => {
        const id = TASK.exec(name)?.[1];
        return id === undefined ? [] : [{ repo, task_id: Number(id) }];
      }),
    )
    .sort((a, b) => compareText(a.repo, b.repo) || a.task_id - b.task_id);
}

/** Folders that look like a repository's or a task's, under names that no key can have. */
function oddFolders(root: string): Problem[] {
  const repos = folders(root).filter((repo) => repo.endsWith("_task"));
  const odd = repos.flatMap((repo) => {
    if (!isRepoName(repo)) return [repo];
    const tasks = folders(join(root, repo)).filter((name) => /^task\d+$/.test(name));
    return tasks.filter((name) => !TASK.test(name)).map((name) => `${repo}/${name}`);
  });
  return odd.map((place) => ({ place, problem: "no key can name this folder: left out" }));
}

function readTask(root: string, folder: TaskFolder, reading: Reading): IndexedTask | undefined {
  const dir = taskKey(folder);
  const files = filesBelow(join(root, dir));
  const hashes = hashesOf(files);
  const problems: string[] = [];
  const features = folders(join(root, dir))
    .flatMap((name) => FEATURE.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((feature_id) => readFeature(files, { ...folder, feature_id }, problems) ?? []);
  problems.push(...sourceInTests(features));
  const missing = SCRIPTS.filter((name) => !files.has(name));
  if (missing.length > 0) problems.push(`no ${missing.join(", ")}`);
  if (features.length < 2) problems.push(`${features.length} usable features: no pair`);
  const combined = files.get("combined.patch");
  if (combined) problems.push(...problemsOf("combined.patch", combined));
  for (const problem of problems) reading.problems.push({ place: dir, problem });
  return {
    task: {
      ...folder,
      source: reading.source,
      dir,
      task_hash: treeHash(hashes),
      has_setup: files.has("setup.sh"),
      has_run_tests: files.has("run_tests.sh"),
      has_dockerfile: files.has("Dockerfile"),
      has_runner: files.has("runner.sh"),
      problems,
    },
    features: features.map(({ row }) => row),
    pairs: pairRows(folder, features, reading.source),
    patches: features.flatMap(({ blobs }) => blobs),
    files: hashes,
  };
}

type ReadFeature = {
  readonly row: IndexedTask["features"][number];
  readonly patch: Patch;
  readonly blobs: IndexedTask["patches"];
};

/** From the files that were found below the task: what a link leads to is none of them. */
function readFeature(
  files: ReadonlyMap<string, Buffer>,
  feature: TaskFolder & { feature_id: number },
  problems: string[],
): ReadFeature | undefined {
  const dir = `feature${feature.feature_id}`;
  const parts = ["feature.md", "feature.patch", "tests.patch"] as const;
  const [description, gold, tests] = parts.map((name) => files.get(`${dir}/${name}`));
  if (!description || !gold || !tests) {
    const absent = parts.filter((name) => !files.has(`${dir}/${name}`));
    problems.push(`${dir}: no ${absent.join(", ")}: left out`);
    return undefined;
  }
  problems.push(...problemsOf(`${dir}/feature.patch`, gold));
  problems.push(...problemsOf(`${dir}/tests.patch`, tests));
  const patch = parsePatch(gold);
  const lines = changedLines(patch);
  const text = description.toString("utf8");
  return {
    patch,
    row: {
      ...feature,
      title: titleOf(text),
      description: text,
      gold_patch: sha256(gold),
      tests_patch: sha256(tests),
      changed_lines: lines.added + lines.removed,
      files: new Set(patch.files.map(({ old_path, new_path }) => new_path ?? old_path)).size,
      hunks: sumOf(patch.files, (file) => file.hunks.length),
    },
    blobs: [gold, tests].map((bytes) => ({ hash: sha256(bytes), bytes })),
  };
}

/** Such a file is source, and stays in every patch: the tests patch is laid over it, and may then not apply. */
function sourceInTests(features: readonly ReadFeature[]): string[] {
  const source = new Set(features.flatMap(({ blobs }) => touchedPaths(blobs[0]?.bytes ?? NOTHING)));
  return features.flatMap(({ row, blobs }) => {
    const both = touchedPaths(blobs[1]?.bytes ?? NOTHING).filter((path) => source.has(path));
    const name = `feature${row.feature_id}/tests.patch`;
    return [...new Set(both)].map((path) => `${name}: touches ${path}, which a gold patch changes`);
  });
}

const NOTHING = new Uint8Array();

function problemsOf(name: string, patch: Buffer): string[] {
  if (isBlank(patch)) return [`${name}: is empty`];
  const clash = clashOf(patch);
  const found = [...patchProblems(patch), ...(clash === undefined ? [] : [clash])];
  const more = found.length > MOST_PROBLEMS ? [`and ${found.length - MOST_PROBLEMS} more`] : [];
  return [...found.slice(0, MOST_PROBLEMS), ...more].map((problem) => `${name}: ${problem}`);
}

/** The first line with content, without Markdown marks and the word "Title". */
function titleOf(description: string): string {
  const line = description.split("\n").find((candidate) => candidate.trim() !== "") ?? "";
  return line
    .replace(/[*#]/g, "")
    .replace(/^\s*(title|feature):\s*/i, "")
    .trim();
}

function pairRows(
  folder: TaskFolder,
  features: readonly ReadFeature[],
  source: Source,
): IndexedTask["pairs"] {
  const patchOf = new Map(features.map(({ row, patch }) => [row.feature_id, patch]));
  const feature_ids = [...patchOf.keys()];
  return pairsOfTask({ ...folder, feature_ids }).flatMap((pair) => {
    const [left, right] = pair.features.map((id) => patchOf.get(id));
    if (!left || !right) return [];
    return [
      {
        pair_key: pairKey(pair),
        ...folder,
        features: [...pair.features],
        source,
        ...coupling(left, right),
      },
    ];
  });
}

function hashesOf(files: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)]));
}

function treeHash(hashes: Readonly<Record<string, string>>): string {
  const names = Object.keys(hashes).sort(compareText);
  return sha256(names.map((name) => `${name} ${hashes[name]}\n`).join(""));
}

/** Every file below a folder, by its path from there with forward slashes. */
export function filesBelow(folder: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const entry of walk(folder))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      found.set(relative(folder, path).replaceAll("\\", "/"), readFileSync(path));
    }
  return found;
}

function folders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort(compareText);
}
