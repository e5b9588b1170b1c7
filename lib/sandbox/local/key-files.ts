// Owns which files of what is laid into a room hold keys: they are covered.
import { readdirSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { isInAny, isInside } from "./tool-folders.ts";

/** What holds keys though it lies in a tool's home, or, in the working folder, is what Bun reads them from. */
export function keyFiles(folders: readonly string[]): string[] {
  const here = process.cwd();
  const places = [...folders, ...(isInAny(here, folders) || isInside(here, "/usr") ? [here] : [])];
  return [...new Set(places)].flatMap((folder) =>
    keysIn(folder)
      .map((name) => resolve(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
      .map((path) => realpathSync(path))
      .filter((path) => isInAny(path, [...folders, "/usr"])),
  );
}

const KEY_FILE =
  /^(\.env(\..*)?|\.?credentials(\..*)?|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.?auth\.json|\.condarc)$/;

/** Folders are read again once something was made or removed in them: there are thousands of names, and hundreds of rooms. */
function keysIn(folder: string): readonly string[] {
  const changed_ms = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  const before = known.get(folder);
  if (before !== undefined && before.changed_ms === changed_ms) return before.names;
  const looked_ms = Date.now();
  const names = namesOf(folder).filter((name) => KEY_FILE.test(name));
  // A folder that has just changed may change again without another time.
  if (changed_ms !== undefined && changed_ms + SAME_TIME_MS < looked_ms)
    known.set(folder, { changed_ms, names });
  return names;
}

const SAME_TIME_MS = 5_000;
const known = new Map<string, { readonly changed_ms: number; readonly names: readonly string[] }>();

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // This user may not look into it, so no command can read a key there.
    return [];
  }
}
