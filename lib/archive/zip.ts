// Owns zip files: the same bytes for the same entries, whole or not at all. Keeps fflate.
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { Zip, ZipDeflate } from "fflate";
import { placeFile } from "../core/disk.ts";
import { temporaryName } from "../core/files.ts";

/** Entries have no time: this is the first that the format knows. */
const NO_TIME = new Date(1980, 0, 1);
const LEVEL = 1;

/** `path` is relative, with `/` between its parts. */
export type ZipEntry = { readonly path: string; readonly bytes: Uint8Array };

/** Writes the entries in their order, one at a time in memory. Throws errors of the file system. */
export async function writeZip(
  path: string,
  entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>,
): Promise<void> {
  const temporary = temporaryName(path);
  const file = openSync(temporary, "wx");
  try {
    const zip = new Zip((error, chunk) => {
      if (error !== null) throw error;
      writeSync(file, chunk);
    });
    for await (const { path: name, bytes } of entries) {
      const entry = new ZipDeflate(name, { level: LEVEL });
      entry.mtime = NO_TIME;
      zip.add(entry);
      entry.push(bytes, true);
    }
    zip.end();
    closeSync(file);
    placeFile(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
