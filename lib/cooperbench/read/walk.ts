// Owns finding attempts in a folder that holds many runs, one run, or one pair, in any form.
import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { type PairId, sortedFeatures } from "../../core/keys.ts";
import { SETTINGS, type Setting } from "../../core/vocabulary.ts";
import { type Form, parsePairFolder, RUN_FILES } from "../forms.ts";
import { parseJson, readBounded } from "./bytes.ts";
import { asRecord } from "./result.ts";

/** A folder that holds one attempt. What its path does not show is undefined: the files may show it. */
export type Place = {
  readonly folder: string;
  readonly form: Form;
  readonly try: number;
  readonly features: readonly number[];
  readonly task: Pick<PairId, "repo" | "task_id"> | undefined;
  /** The path between the run and the repository, such as `coop` or `team`: the setting's name. */
  readonly word: string | undefined;
  /** The setting of that name, if it is one of Tandem's. */
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
  const runOf = runFinder(root);
  const visit = (folder: string, depth: number) => {
    const place = placeOf(folder, root, runOf);
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
  throw new UsageError(`${dir} is not a folder: name a folder of logs`);
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

type RunFinder = ReturnType<typeof runFinder>;

function placeOf(folder: string, root: string, runOf: RunFinder): Place | undefined {
  const pair = parsePairFolder(basename(folder));
  if (!pair) return undefined;
  const above = folder.split(sep).slice(0, -1);
  const task = taskOf(above.at(-1) ?? "", above.at(-2) ?? "");
  const holder = above.slice(0, -2).join(sep);
  // Tandem's has no folder for the setting; and without a task's, what is above is unknown.
  const plain = pair.documented || task === undefined;
  const run = plain ? { folder: holder, word: undefined } : runOf(holder, folder);
  return {
    folder,
    form: pair.documented ? "documented" : run.word === undefined ? "older" : "released",
    try: pair.try,
    features: sortedFeatures(pair.features),
    task,
    word: run.word,
    setting: SETTINGS.find((setting) => setting === run.word),
    run: {
      name: basename(run.folder),
      folder: run.folder,
      within: isWithin(run.folder, root),
    },
  };
}

function isWithin(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(root + sep);
}

/**
 * Finds the run above the folder that holds repositories: the nearest folder with a run's own files; if none has any,
 * the one that contains the setting's folder, by its name or by what a first attempt says.
 */
function runFinder(root: string) {
  const known = new Map<string, { readonly folder: string; readonly word: string | undefined }>();
  const find = (holder: string, pair: string) => {
    for (let at = holder; isWithin(at, root) && at !== dirname(at); at = dirname(at))
      if (hasRunFiles(at)) return split(holder, at);
    return isSetting(holder, { root, pair })
      ? split(holder, dirname(holder))
      : split(holder, holder);
  };
  return (holder: string, pair: string) => {
    const found = known.get(holder) ?? find(holder, pair);
    known.set(holder, found);
    return found;
  };
}

/** `word` is what is between, undefined for nothing. */
function split(holder: string, run: string) {
  const between = relative(run, holder);
  return { folder: run, word: between === "" ? undefined : between.split(sep).join("/") };
}

function hasRunFiles(folder: string): boolean {
  return [...RUN_FILES, "run.json"].some((name) => isFile(join(folder, name)));
}

function isSetting(
  holder: string,
  { root, pair }: { readonly root: string; readonly pair: string },
): boolean {
  const [name, above] = [basename(holder), dirname(holder)];
  if (SETTING_WORDS.includes(name)) return true;
  const bytes = readBounded(join(pair, "result.json")).value;
  const said = asRecord(bytes && parseJson(bytes).value);
  if (said.run_name === name) return false;
  if (said.run_name === basename(above) || said.setting === name) return true;
  return isWithin(above, root) && SETTING_WORDS.some((word) => isFolder(join(above, word)));
}

/** Names for a setting that released versions have used. */
const SETTING_WORDS = ["coop", "solo", "team"];

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function taskOf(task: string, repo: string): Place["task"] {
  const id = /^(?:task)?(\d{1,9})$/.exec(task)?.[1];
  return id === undefined || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(repo)
    ? undefined
    : { repo, task_id: Number(id) };
}
