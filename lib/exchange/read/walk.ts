// Owns finding attempts in a folder that holds many runs, one run, or one pair, in any form.
import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import type { Setting } from "../../../db/schema.ts";
import { UsageError } from "../../fault.ts";
import { type PairId, sortedFeatures } from "../../keys.ts";
import { type Form, parsePairFolder } from "../forms.ts";

/** A folder that holds one attempt. What its path does not tell is undefined: the files may. */
export type Place = {
  readonly folder: string;
  readonly form: Form;
  readonly try: number;
  readonly features: readonly number[];
  readonly task: Pick<PairId, "repo" | "task_id"> | undefined;
  readonly setting: Setting | undefined;
  /** The run's folder and, when it lies within what was asked for, whether its own files may be read. */
  readonly run: { readonly name: string; readonly folder: string; readonly within: boolean };
};
export type Found = { readonly places: readonly Place[]; readonly warnings: readonly string[] };

const DEEPEST = 8;

/** Every attempt's folder below `dir`, in text order. Links are not followed; they come back as warnings. Throws UsageError. */
export function walkLogs(dir: string): Found {
  const root = existingFolder(dir);
  const places: Place[] = [];
  const warnings: string[] = [];
  const visit = (folder: string, depth: number) => {
    const place = placeOf(folder, root);
    if (place) places.push(place);
    if (place || depth === DEEPEST) return;
    for (const entry of entriesOf(folder, warnings)) {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink())
        warnings.push(`${relative(root, path)} is a symbolic link: not followed`);
      else if (entry.isDirectory() && !entry.name.startsWith(".")) visit(path, depth + 1);
    }
  };
  visit(root, 0);
  return { places, warnings };
}

function existingFolder(dir: string): string {
  try {
    const root = realpathSync(dir);
    if (statSync(root).isDirectory()) return root;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UsageError(`${dir} cannot be read (${error.code}): name a folder of logs`);
  }
  throw new UsageError(`${dir} is no folder: name a folder of logs`);
}

function entriesOf(folder: string, warnings: string[]) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    warnings.push(`${folder} cannot be read: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

function placeOf(folder: string, root: string): Place | undefined {
  const pair = parsePairFolder(basename(folder));
  if (!pair) return undefined;
  const above = folder.split(sep).slice(0, -1);
  const task = taskOf(above.at(-1) ?? "", above.at(-2) ?? "");
  const setting = pair.documented ? undefined : settingOf(above.at(-3));
  const run_folder = above.slice(0, setting === undefined ? -2 : -3).join(sep);
  return {
    folder,
    form: pair.documented ? "documented" : setting === undefined ? "older" : "released",
    try: pair.try,
    features: sortedFeatures(pair.features),
    task,
    setting,
    run: {
      name: basename(run_folder),
      folder: run_folder,
      within: run_folder === root || run_folder.startsWith(root + sep),
    },
  };
}

function taskOf(task: string, repo: string): Place["task"] {
  const id = /^(?:task)?(\d{1,9})$/.exec(task)?.[1];
  return id === undefined || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(repo)
    ? undefined
    : { repo, task_id: Number(id) };
}

function settingOf(name: string | undefined): Setting | undefined {
  return name === "coop" || name === "solo" ? name : undefined;
}
