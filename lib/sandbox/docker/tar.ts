// Owns tar streams: files for a container, a folder as the context of a build, an engine's answer, archives of any size.

import { once } from "node:events";
import { createReadStream, lstatSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { extract, type Pack, pack } from "tar-stream";
import { walk } from "../../core/files.ts";
import { sumOf } from "../../core/lists.ts";
import { FileTooLarge } from "../beneath.ts";
import { MOST_FILE_BYTES } from "../sandbox.ts";

/** Big files go out in slices, so that a slow reader holds back the writer and nothing is copied whole. */
const SLICE_BYTES = 1024 * 1024;
/** Archives below this are made in memory: one request with a known length is the fastest. */
const SMALL_BYTES = 1024 * 1024;
const DEFAULT_MODE = 0o644;

/** A file for an absolute path inside; `mode` as in chmod, 0644 when absent. */
export type FileIn = {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode?: number;
};

/** Files as a tar archive to be unpacked at the root. Throws RangeError for a path that is not absolute. */
export async function tarOf(files: readonly FileIn[]): Promise<Buffer | Readable> {
  for (const { path } of files)
    if (!path.startsWith("/") || path.includes("\0") || path.split("/").includes(".."))
      throw new RangeError(`${path} is not an absolute path in a sandbox`);
  const archive = pack();
  const written = writeFiles(archive, files);
  const stream = Readable.from(archive);
  const size = sumOf(files, ({ bytes }) => bytes.length);
  if (size > SMALL_BYTES) {
    // A reader that goes away destroys the archive; its complaint belongs to the request, not to nobody.
    written.catch((error: Error) => stream.destroy(error));
    return stream;
  }
  const [whole] = await Promise.all([collect(stream), written]);
  return whole;
}

async function writeFiles(archive: Pack, files: readonly FileIn[]): Promise<void> {
  for (const { path, bytes, mode = DEFAULT_MODE } of files) {
    const entry = archive.entry({ name: path.slice(1), size: bytes.length, mode });
    for (let at = 0; at < bytes.length; at += SLICE_BYTES)
      if (!entry.write(Buffer.from(bytes.buffer, bytes.byteOffset + at, sliceAt(bytes, at))))
        await drained(entry);
    entry.end();
    await finished(entry);
  }
  archive.finalize();
}

function sliceAt(bytes: Uint8Array, at: number): number {
  return Math.min(SLICE_BYTES, bytes.length - at);
}

async function drained(entry: NodeJS.EventEmitter): Promise<void> {
  const closed = new AbortController();
  const stop = () => closed.abort(new Error("the archive was closed before its end"));
  entry.once("close", stop);
  try {
    await once(entry, "drain", { signal: closed.signal });
  } finally {
    entry.off("close", stop);
  }
}

/** A folder with all its files, modes and links, as the context of an image build. */
export function tarOfFolder(folder: string): Readable {
  const archive = pack();
  const stream = Readable.from(archive);
  writeFolder(archive, folder).catch((error: Error) => stream.destroy(error));
  return stream;
}

async function writeFolder(archive: Pack, folder: string): Promise<void> {
  for (const entry of walk(folder)) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    const { mode, size } = lstatSync(path);
    if (entry.isDirectory()) archive.entry({ name, type: "directory", mode });
    if (entry.isSymbolicLink())
      archive.entry({ name, type: "symlink", linkname: readlinkSync(path) });
    if (entry.isFile())
      await pipeline(createReadStream(path), archive.entry({ name, size, mode: mode & 0o7777 }));
  }
  archive.finalize();
}

/**
 * The bytes of an archive's first entry when that is a regular file; undefined for anything else. Throws FileTooLarge, with
 * nothing read, for more than `most_bytes`.
 */
export async function onlyFile(
  archive: Readable,
  most_bytes = MOST_FILE_BYTES,
): Promise<Uint8Array | undefined> {
  const entries = extract();
  archive.on("error", (error) => entries.destroy(error));
  archive.pipe(entries);
  try {
    for await (const entry of entries) {
      if (entry.header.type !== "file" || entry.header.size === undefined) return undefined;
      if (entry.header.size > most_bytes)
        throw new FileTooLarge(entry.header.name, entry.header.size);
      return await bytesOf(entry, entry.header.size);
    }
    return undefined;
  } finally {
    archive.destroy();
    entries.destroy();
  }
}

/** Something to be archived, read when its turn comes; `path` as it is to stand in the archive. */
export type EntryOut = {
  readonly path: string;
  readonly size_bytes: number;
  readonly read: () => AsyncIterable<Uint8Array>;
};

/** Entries as a tar archive that depends on nothing but them: no times, no owners. What `read` throws ends the stream. */
export function tarOfEntries(entries: Iterable<EntryOut>): Readable {
  const archive = pack();
  const stream = Readable.from(archive);
  writeEntries(archive, entries).catch((error: Error) => stream.destroy(error));
  return stream;
}

async function writeEntries(archive: Pack, entries: Iterable<EntryOut>): Promise<void> {
  for (const { path, size_bytes, read } of entries) {
    const fixed = { mode: DEFAULT_MODE, mtime: new Date(0) };
    await pipeline(read, archive.entry({ name: path, size: size_bytes, ...fixed }));
  }
  archive.finalize();
}

/** An entry of an archive; `content` is to be read, or let be, before the next one is asked for. */
export type EntryIn = {
  readonly path: string;
  readonly is_file: boolean;
  readonly size_bytes: number | undefined;
  readonly content: AsyncIterable<Uint8Array>;
};

/** The entries of a tar archive one by one. Throws what the stream throws, and Error for what is no tar. */
export async function* entriesOf(archive: Readable): AsyncGenerator<EntryIn> {
  const entries = extract();
  archive.on("error", (error) => entries.destroy(error));
  archive.pipe(entries);
  try {
    for await (const entry of entries) {
      const { name, type, size } = entry.header;
      yield { path: name, is_file: type === "file", size_bytes: size, content: entry };
      // The next one comes only when nothing is left of this one.
      entry.resume();
    }
  } finally {
    archive.destroy();
    entries.destroy();
  }
}

/** The size is known, so the bytes are copied once, to their place. */
async function bytesOf(entry: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for await (const chunk of entry) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  if (at === size) return whole;
  throw new RangeError(`the engine sent ${at} of ${size} bytes`);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
