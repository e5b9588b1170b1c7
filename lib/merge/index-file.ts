// Owns reading git's index file, so that the tree of an applied patch needs no process and no loose trees.
import { Fault } from "../core/fault.ts";

/** `mode oid` of each entry, by the path's bytes (a byte string). */
export type IndexEntries = ReadonlyMap<string, string>;

const HEADER_BYTES = 12;
/** Up to the path: 24 bytes of times and inode, mode, 12 bytes of owner and size, object id, flags. */
const ENTRY_BYTES = 62;

/**
 * The entries of an index of version 2 with SHA-1 ids (what the workshop's repositories write).
 * Source of the layout: git's gitformat-index manual. Throws Fault when it is none.
 */
export function readIndex(bytes: Buffer): IndexEntries {
  const version = bytes.length < HEADER_BYTES ? 0 : bytes.readUInt32BE(4);
  if (version !== 2 || bytes.toString("latin1", 0, 4) !== "DIRC")
    throw broken(`an index of version ${version}, not 2`);
  const entries = new Map<string, string>();
  let start = HEADER_BYTES;
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const end = bytes.indexOf(0, start + ENTRY_BYTES);
    if (end < 0) throw broken("an index that is cut off");
    const mode = bytes.readUInt32BE(start + 24).toString(8);
    const oid = bytes.toString("hex", start + 40, start + 60);
    entries.set(bytes.toString("latin1", start + ENTRY_BYTES, end), `${mode} ${oid}`);
    // Entries are padded with 1 to 8 NULs to a multiple of 8 bytes.
    start += Math.ceil((end + 1 - start) / 8) * 8;
  }
  return entries;
}

function broken(what: string): Fault {
  return new Fault("git_failed", `git wrote ${what}`, {
    hint: "`git --version` must be 2.38 or newer; report the version if it is",
  });
}

/** Paths whose entries differ, with the new entry, or undefined where it is gone. */
export function indexChanges(
  before: IndexEntries,
  after: IndexEntries,
): Map<string, string | undefined> {
  const changes = new Map<string, string | undefined>();
  for (const path of before.keys()) if (!after.has(path)) changes.set(path, undefined);
  for (const [path, entry] of after) if (before.get(path) !== entry) changes.set(path, entry);
  return changes;
}
