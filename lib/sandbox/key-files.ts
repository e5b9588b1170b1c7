// Owns which files of what is laid into a room hold keys: they are covered.
import { readdirSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { isInAny, isInside } from "./tool-folders.ts";

/** What holds keys though it lies in a tool's home, or, in the working folder, is what Bun reads them from. */
export function keyFiles(folders: readonly string[]): string[] {
  const here = process.cwd();
  const places = [...folders, ...(isInAny(here, folders) || isInside(here, "/usr") ? [here] : [])];
  return [...new Set(places)].flatMap((folder) =>
    namesOf(folder)
      .filter((name) => KEY_FILE.test(name))
      .map((name) => resolve(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
      .map((path) => realpathSync(path))
      .filter((path) => isInAny(path, [...folders, "/usr"])),
  );
}

const KEY_FILE =
  /^(\.env(\..*)?|\.?credentials(\..*)?|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.?auth\.json|\.condarc)$/;

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nobody here may look into it, so nobody reads a key there.
    return [];
  }
}
