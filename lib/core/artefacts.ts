// Owns what a finished unit leaves on disk as a list: every file of a folder with its hash and size, and a stage's own files.
import { createHash } from "node:crypto";
import { createReadStream, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { makeFolder, settlePaths, syncPath } from "./disk.ts";
import { Fault } from "./fault.ts";
import { isTemporary, temporaryName, walk } from "./files.ts";
import { redactBytes } from "./redact.ts";

const READ_BYTES = 1024 * 1024;

/** One file of an attempt: its path within the attempt's folder, SHA-256, bytes. */
export type Artefact = {
  readonly path: string;
  readonly sha256: string;
  readonly size_bytes: number;
};
export type ArtefactChange = {
  readonly rows: readonly Artefact[];
  /** The paths that a stage answers for: what is stored of them is replaced, all other rows stay. All rows when absent. */
  readonly only?: readonly string[];
};

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
    throw new Fault("bad_file", `${join(folder, path)} is not a plain file but a ${kind}`, {
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

/** A stage's own files of an attempt, by path in its folder; undefined: there is to be none. In order of appearance. */
export type OwnFiles = Readonly<Record<string, string | Uint8Array | undefined>>;
/** As much of the ledger as is needed to keep true what it knows of files. */
type ArtefactStore = {
  readonly of: (attempt_key: string) => readonly Artefact[];
  readonly put: (attempt_key: string, change: ArtefactChange) => void;
};
type Owner = {
  readonly ledger: { readonly artefacts: ArtefactStore };
  readonly log_dir: string;
  readonly attempt_key: string;
};

/**
 * Puts a stage's own files into an attempt's folder: all are on the disk before one has its name, and so are the names when
 * this returns. What the ledger has of earlier ones is forgotten first, so that no power cut leaves a row beside other
 * bytes than its own. Returns what is to be stored with the stage's result. Throws errors of the file system.
 */
export async function putOwnFiles(owner: Owner, files: OwnFiles): Promise<ArtefactChange> {
  const { ledger, log_dir, attempt_key } = owner;
  const folder = join(log_dir, attempt_key);
  const only = Object.keys(files);
  if (ledger.artefacts.of(attempt_key).some(({ path }) => only.includes(path)))
    ledger.artefacts.put(attempt_key, { rows: [], only });
  makeFolder(folder);
  const written = only.flatMap((path) => {
    const content = files[path];
    if (content === undefined) return [];
    const to = join(folder, path);
    const bytes = redactBytes(typeof content === "string" ? Buffer.from(content) : content);
    return [{ path, to, bytes, aside: temporaryName(to) }];
  });
  try {
    for (const { aside, bytes } of written) writeFileSync(aside, bytes);
    await settlePaths(written.map(({ aside }) => aside));
    for (const { aside, to } of written) renameSync(aside, to);
  } finally {
    for (const { aside } of written) rmSync(aside, { force: true });
  }
  for (const path of only)
    if (files[path] === undefined) rmSync(join(folder, path), { force: true });
  syncPath(folder);
  const rows = written.map(({ path, bytes }) => ({
    ...{ path, size_bytes: bytes.length },
    sha256: createHash("sha256").update(bytes).digest("hex"),
  }));
  return { rows, only };
}
