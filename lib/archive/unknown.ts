// Owns finding the folders under the logs that no row of the ledger names.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";

/**
 * Folders below the logs (or below one run's) that are neither an attempt's nor a superseded one's, nor a parent of
 * one; each once, by its path below the logs, without what is in it. Names with a dot at the start are the program's
 * own.
 */
export function unknownFolders(options: {
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly run?: string | undefined;
}): string[] {
  const { ledger, log_dir, run } = options;
  const kept = [
    ...ledger.attempts.keys(run === undefined ? {} : { run }),
    ...ledger.superseded.all(run).map(({ folder, attempt_key }) =>
      // Set aside in the ledger, and not yet on the disk.
      existsSync(join(log_dir, folder)) ? folder : attempt_key,
    ),
  ];
  const runs = ledger.runs.all().map((row) => row.run);
  const leaves = new Set(kept);
  const ways = new Set([...runs, ...kept.flatMap(waysTo)]);
  const walk = (path: string): string[] => {
    if (leaves.has(path)) return [];
    if (path !== "" && !ways.has(path)) return [path];
    return foldersIn(join(log_dir, path)).flatMap((name) =>
      walk(path === "" ? name : `${path}/${name}`),
    );
  };
  return walk(run ?? "");
}

/** `a/b/c`: `a` and `a/b`. */
function waysTo(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}
