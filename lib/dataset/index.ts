// Owns bringing a dataset into the ledger: tasks, features, pairs with their traits, and the subsets next to them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { EditionFacts } from "../../db/editions.ts";
import type { Source } from "../../db/indexed.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { EditionRow } from "../../db/schema.ts";
import { Fault, UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { pairKey } from "../core/keys.ts";
import { sumOf } from "../core/lists.ts";
import { unknownName } from "../core/nearest.ts";
import { currentEdition } from "./edition.ts";
import { type Problem, readDataset } from "./read.ts";
import { parseSubset, statsProblems, subsetPairs } from "./subset.ts";

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
export function indexDataset(
  ledger: Ledger,
  root: string,
  source: Source,
  facts?: EditionFacts,
): IndexResult {
  const tree = readDataset(root, source);
  const indexed = ledger.dataset.index(source, tree.hash, tree.tasks, facts);
  const subsets = source === "demo" ? { stored: 0, problems: [] } : indexSubsets(ledger, root);
  return {
    repos: new Set(tree.tasks.map(({ task }) => task.repo)).size,
    tasks: tree.tasks.length,
    features: sumOf(tree.tasks, ({ features }) => features.length),
    pairs: sumOf(tree.tasks, ({ pairs }) => pairs.length),
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
      const place = `subsets/${name}.json`;
      const read = readSubset(ledger, { path: join(root, place), name });
      for (const problem of read.problems) problems.push({ place, problem });
      stored++;
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof Fault)) throw error;
      problems.push({ place: `subsets/${name}.json`, problem: error.message });
    }
  }
  return { stored, problems };
}

/** Which subset: its name, and the edition that it is of where that is not the current one. */
export type SubsetId = { readonly name: string; readonly edition?: EditionRow | undefined };

/**
 * The file of a subset: next to its edition's tasks, or in the dataset's own folder, where samples are saved. Undefined
 * when neither has it.
 */
export function subsetFile(
  ledger: Ledger,
  root: string,
  { name, edition }: SubsetId,
): string | undefined {
  const folder = folders(ledger, root, edition).find((one) => subsetNames(one).includes(name));
  return folder && join(folder, "subsets", `${name}.json`);
}

function folders(ledger: Ledger, root: string, edition: EditionRow | undefined): string[] {
  const { dir = "" } = edition ?? currentEdition(ledger) ?? {};
  return [...new Set([join(root, dir), root])];
}

/**
 * The pair keys of a subset, in the file's order; the file is the truth, the ledger keeps a copy for queries.
 * Throws UsageError for an unknown subset or one that names what the dataset has not, Fault for a broken file.
 */
export function loadSubset(
  ledger: Ledger,
  root: string,
  subset: string,
  edition?: EditionRow,
): string[] {
  const path = subsetFile(ledger, root, { name: subset, edition });
  if (path !== undefined) return readSubset(ledger, { path, name: subset, edition }).keys;
  const known = folders(ledger, root, edition).flatMap(subsetNames);
  const where = `there is no ${join(root, "subsets", `${subset}.json`)}`;
  throw new UsageError(
    known.length === 0
      ? `unknown subset "${subset}": ${where}; fetch the dataset first`
      : unknownName("subset", subset, known),
  );
}

function readSubset(ledger: Ledger, { path, name, edition }: SubsetId & { path: string }) {
  const text = readFileSync(path, "utf8");
  const dataset = ledger.dataset
    .tasks(undefined, edition?.hash)
    .map(({ repo, task_id, features }) => ({
      repo,
      task_id,
      feature_ids: features.map(({ feature_id }) => feature_id),
    }));
  const subset = parseSubset(text, path);
  const members = subsetPairs(subset, dataset);
  const keys = members.map(pairKey);
  const stored = { name, description: subset.description, file_hash: sha256(text) };
  if (!ledger.is_readonly) ledger.dataset.putSubset(stored, keys);
  return { keys, problems: statsProblems(subset, members) };
}

function subsetNames(root: string): string[] {
  const folder = join(root, "subsets");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"));
}
