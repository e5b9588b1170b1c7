// Owns bringing a dataset folder in from another folder: only what differs is written.
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeIfChanged } from "../core/files.ts";
import { DEMO_REPO, filesBelow } from "./read.ts";

export type CopyResult = {
  readonly files: number;
  /** Files whose bytes were new or different. */
  readonly written: number;
  /** Files of the target's tasks that the source does not have. */
  readonly extra: readonly string[];
};

/** Copies `*_task/**`, `subsets/*.json` and README.md; with `prune`, removes what the source's tasks do not have. */
export function copyDataset(from: string, into: string, options: { prune: boolean }): CopyResult {
  if (existsSync(into) && realpathSync(from) === realpathSync(into))
    return { files: wantedFiles(from).size, written: 0, extra: [] };
  const wanted = wantedFiles(from);
  let written = 0;
  for (const [path, bytes] of wanted) if (writeIfChanged(join(into, path), bytes)) written++;
  const extra = [...taskFiles(into).keys()].filter((path) => !wanted.has(path));
  if (options.prune) for (const path of extra) rmSync(join(into, path));
  return { files: wanted.size, written, extra };
}

function wantedFiles(root: string): Map<string, Buffer> {
  const found = taskFiles(root);
  for (const name of ["README.md", "subsets"]) {
    const path = join(root, name);
    if (!existsSync(path)) continue;
    if (statSync(path).isDirectory())
      for (const [file, bytes] of filesBelow(path)) found.set(`${name}/${file}`, bytes);
    else found.set(name, readFileSync(path));
  }
  return found;
}

function taskFiles(root: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const repos = existsSync(root) ? readdirSync(root).filter((name) => name.endsWith("_task")) : [];
  for (const repo of repos.filter((name) => name !== DEMO_REPO))
    for (const [file, bytes] of filesBelow(join(root, repo))) found.set(`${repo}/${file}`, bytes);
  return found;
}
