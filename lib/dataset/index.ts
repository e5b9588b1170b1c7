// Owns bringing a dataset into the ledger: tasks, features, pairs with their traits, and the subsets beside them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Source } from "../../db/dataset.ts";
import type { Ledger } from "../../db/ledger.ts";
import { Fault, UsageError } from "../fault.ts";
import { sha256 } from "../files.ts";
import { pairKey } from "../keys.ts";
import { unknownName } from "../nearest.ts";
import { type Problem, readDataset } from "./read.ts";
import { parseSubset, subsetPairs } from "./subset.ts";

export type IndexResult = {
  readonly repos: number;
  readonly tasks: number;
  readonly features: number;
  readonly pairs: number;
  readonly subsets: number;
  readonly dataset_hash: string;
  /** Tasks whose rows were written: 0 when nothing changed. */
  readonly indexed: number;
  readonly problems: readonly Problem[];
};

/** Reads the tree below `root` and makes the ledger equal to it. Oddities come back; they do not stop anything. */
export function indexDataset(ledger: Ledger, root: string, source: Source): IndexResult {
  const tree = readDataset(root, source);
  const indexed = ledger.dataset.index(source, tree.hash, tree.tasks);
  const subsets = source === "demo" ? { stored: 0, problems: [] } : indexSubsets(ledger, root);
  return {
    repos: new Set(tree.tasks.map(({ task }) => task.repo)).size,
    tasks: tree.tasks.length,
    features: tree.tasks.reduce((sum, { features }) => sum + features.length, 0),
    pairs: tree.tasks.reduce((sum, { pairs }) => sum + pairs.length, 0),
    subsets: subsets.stored,
    dataset_hash: tree.hash,
    indexed,
    problems: [...tree.problems, ...subsets.problems],
  };
}

function indexSubsets(ledger: Ledger, root: string): { stored: number; problems: Problem[] } {
  const problems: Problem[] = [];
  let stored = 0;
  for (const name of subsetNames(root)) {
    try {
      loadSubset(ledger, root, name);
      stored++;
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof Fault)) throw error;
      problems.push({ place: `subsets/${name}.json`, problem: error.message });
    }
  }
  return { stored, problems };
}

/**
 * The pair keys of a subset, in the file's order; the file is the truth, the ledger keeps a copy for queries.
 * Throws UsageError for an unknown subset or one that names what the dataset has not, Fault for a broken file.
 */
export function loadSubset(ledger: Ledger, root: string, name: string): string[] {
  const path = join(root, "subsets", `${name}.json`);
  const known = subsetNames(root);
  if (!known.includes(name)) {
    const where = `there is no ${path}`;
    throw new UsageError(
      known.length === 0
        ? `unknown subset "${name}": ${where}; fetch the dataset first`
        : unknownName("subset", name, known),
    );
  }
  const text = readFileSync(path, "utf8");
  const dataset = ledger.dataset.tasks().map(({ repo, task_id, features }) => ({
    repo,
    task_id,
    feature_ids: features.map(({ feature_id }) => feature_id),
  }));
  const subset = parseSubset(text, path);
  const keys = subsetPairs(subset, dataset).map(pairKey);
  ledger.dataset.putSubset(
    { name, description: subset.description, file_hash: sha256(text) },
    keys,
  );
  return keys;
}

function subsetNames(root: string): string[] {
  const folder = join(root, "subsets");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"));
}
