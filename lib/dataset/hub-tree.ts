// Owns which files of the hub's listing are the dataset, and under which names they may be written.
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import type { HubFile } from "./hub-file.ts";
import { KNOWN_DATASETS } from "./hub-http.ts";

/** One file of the hub's tree listing. `oid` is git's blob id; of LFS files, that of the pointer. */
export const Entry = z.object({
  path: z.string().min(1),
  size: z.int().nonnegative(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z
    .object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() })
    .optional(),
});

/**
 * The file as it is to be written, or undefined when it is no part of the dataset. Throws Fault
 * `dataset_invalid` for a path that would leave the folder, wanted or not: such a listing is not honest.
 */
export function wantedFile(entry: z.infer<typeof Entry>): HubFile | undefined {
  const { path, oid, lfs } = entry;
  if (leavesFolder(path))
    throw new Fault(
      "dataset_invalid",
      `the hub lists a path outside the folder: ${JSON.stringify(path)}`,
      { hint: "nothing was written; check the dataset id, or use a revision you trust" },
    );
  const target = path.replace(/^dataset\//, "");
  if (target !== "README.md" && !/^(?:[^/]+_task|subsets)\//.test(target)) return undefined;
  if (lfs) return { source: path, target, size: lfs.size, algorithm: "sha256", digest: lfs.oid };
  return { source: path, target, size: entry.size, algorithm: "sha1", digest: oid };
}

function leavesFolder(path: string): boolean {
  const strange = (part: string) => /^(?:\.{0,2}|[A-Za-z]:)$/.test(part);
  // Halves of characters are all written as the same replacement: two names would be one file.
  if (path.includes("\\") || path.includes("\0") || !path.isWellFormed()) return true;
  return path.split("/").some(strange);
}

/** Throws Fault `dataset_invalid` when the files (by target) hold no task, or a name that downloads need. */
export function checkNames(what: string, files: ReadonlyMap<string, HubFile>): void {
  const names = [...files.keys()];
  if (!names.some((name) => name.includes("_task/")))
    throw new Fault("dataset_invalid", `${what} has no *_task folder`, {
      hint: `known datasets: ${KNOWN_DATASETS.join(", ")}`,
    });
  const clash = names.find((name) => files.has(`${name}.part`));
  if (clash !== undefined)
    throw new Fault("dataset_invalid", `the dataset holds both ${clash} and ${clash}.part`, {
      hint: "the second is the name of an unfinished download here: rename it in the dataset",
    });
  const folders = new Set(names.flatMap(foldersOf));
  const both = names.find((name) => folders.has(name) || folders.has(`${name}.part`));
  if (both === undefined) return;
  throw new Fault("dataset_invalid", `the dataset holds ${both} as a file and as a folder`, {
    hint: "no git repository can do that: check the dataset id, or use a revision you trust",
  });
}

/** Every folder above a file. */
function foldersOf(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}
