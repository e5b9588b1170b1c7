// Owns what a finished unit leaves on disk as a list: every file of a folder with its hash and size.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Artefact } from "../db/artefacts.ts";
import { Fault } from "./fault.ts";
import { isTemporary, walk } from "./files.ts";

const READ_BYTES = 1024 * 1024;

/**
 * Every file below a folder, by path (with `/`, in order of code units), read as a stream. With `only`, just those of
 * these paths that exist. Files half written by a killed process are passed over.
 * Throws Fault `bad_file` for a link or anything else that is neither file nor folder.
 */
export async function artefactsOf(folder: string, only?: readonly string[]): Promise<Artefact[]> {
  const paths = filesOf(folder).filter((path) => only?.includes(path) ?? true);
  const found: Artefact[] = [];
  for (const path of paths) found.push({ path, ...(await hashOfFile(join(folder, path))) });
  return found;
}

/** Paths of all files below a folder, sorted. Throws as {@link artefactsOf}. */
export function filesOf(folder: string): string[] {
  return entriesOf(folder).map(({ path, kind }) => {
    if (kind === "file") return path;
    throw new Fault("bad_file", `${join(folder, path)} is no plain file, but a ${kind}`, {
      hint: "results are plain files: remove it, or run the attempt again",
    });
  });
}

type Entry = { readonly path: string; readonly kind: "file" | "link" | "device" };

/** All that is below a folder, but for folders and files half written, sorted by path; links are not followed. */
export function entriesOf(folder: string): Entry[] {
  return [...walk(folder)]
    .filter((entry) => !entry.isDirectory() && !isTemporary(entry.name))
    .map((entry): Entry => {
      const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
      return { path, kind: entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "device" };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** SHA-256 in lowercase hex and size in bytes of a file, however big. */
export async function hashOfFile(path: string): Promise<Omit<Artefact, "path">> {
  const hash = createHash("sha256");
  let size_bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    hash.update(chunk);
    size_bytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), size_bytes };
}
