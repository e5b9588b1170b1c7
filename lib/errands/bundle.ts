// Owns bundles: named bytes in one compressed piece, from folders and back into them; the same content has the same hash.
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import { walk } from "../core/files.ts";

/** A file: its path within the bundle, with slashes, and whether it may be executed. */
export type Entry = {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
};

const header = z.array(z.tuple([z.string(), z.number().int().nonnegative(), z.boolean()]));
const LENGTH_BYTES = 4;

/** The entries in the order of their paths, zstd-compressed. */
export function packBundle(entries: readonly Entry[]): Uint8Array {
  const sorted = [...entries].sort((one, other) => (one.path < other.path ? -1 : 1));
  const head = Buffer.from(
    JSON.stringify(
      sorted.map(({ path, bytes, executable = false }) => [path, bytes.length, executable]),
    ),
  );
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  return Bun.zstdCompressSync(Buffer.concat([length, head, ...sorted.map(({ bytes }) => bytes)]));
}

/** The reverse of {@link packBundle}. Throws Fault `bad_file` for other bytes, and for a path that leads out of a folder. */
export function unpackBundle(bundle: Uint8Array): Entry[] {
  try {
    const bytes = Buffer.from(Bun.zstdDecompressSync(bundle));
    let at = LENGTH_BYTES + bytes.readUInt32LE(0);
    const heads = header.parse(JSON.parse(bytes.toString("utf8", LENGTH_BYTES, at)));
    const entries = heads.map(([path, size, executable]) => {
      assertWithin(path);
      const content = bytes.subarray(at, at + size);
      at += size;
      return { path, bytes: content, executable };
    });
    if (at !== bytes.length) throw new RangeError(`${bytes.length} bytes, not ${at}`);
    return entries;
  } catch (cause) {
    throw new Fault("bad_file", "what another process sent is not whole", {
      hint: "run the same command again",
      cause,
    });
  }
}

function assertWithin(path: string): void {
  const clean = posix.normalize(path);
  if (clean !== path || path === "" || path.startsWith("/") || path.split("/").includes(".."))
    throw new RangeError(`the path ${path}`);
}

/** Every file below a folder; links count as what they lead to. */
export function folderEntries(folder: string): Entry[] {
  return [...walk(folder)].flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const found = statSync(path);
    if (!found.isFile()) return [];
    const executable = (found.mode & 0o100) !== 0;
    return [{ path: relative(folder, path), bytes: readFileSync(path), executable }];
  });
}

/** Writes files into a folder. What is written is not on the disk for certain yet. */
export function writeEntries(folder: string, entries: readonly Entry[]): void {
  for (const { path, bytes, executable } of entries) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, bytes);
    if (executable) chmodSync(place, 0o755);
  }
}
