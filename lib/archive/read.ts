// Owns reading an archive as a stream: its table of contents first, then every entry with its hash verified.
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { errorMessage, Fault, UsageError } from "../core/fault.ts";
import { type EntryIn, entriesOf } from "../sandbox/docker/tar.ts";
import {
  damaged,
  isSealed,
  MANIFEST,
  MANIFEST_BYTES,
  type Manifest,
  notOurs,
  type Place,
  readManifest,
} from "./manifest.ts";
import { checkSeal } from "./seal.ts";

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const TAR_BLOCK = 512;
/** An entry's size besides its content: its header, and another with a long name in it. */
const HEADERS_BYTES = 8 * 1024;
/** Two empty blocks close a tar. */
const END_BYTES = 2 * TAR_BLOCK;

export type Reading = {
  readonly path: string;
  readonly signal: AbortSignal;
};
export type Contents = { readonly manifest: Manifest; readonly places: readonly Place[] };
/** What to do with the bytes of an entry as they come; they are not verified before the last. */
export type Taker = (place: Place) => Sink;
export type Sink = Disposable & { readonly write: (chunk: Uint8Array) => void };

/** The table of contents only. Throws UsageError for what is not an archive, Fault `bad_file` for a damaged one. */
export async function readContents(reading: Reading): Promise<Contents> {
  return await inArchive(reading, async (archive) => archive.contents);
}

/**
 * Reads all of an archive. `begin` gets the table of contents and returns the entries' receiver; the entries then come
 * in its order. Throws Fault `bad_file` as soon as one is not what the table says, or there are fewer or more.
 */
export async function readArchive(
  reading: Reading,
  begin: (contents: Contents) => Promise<Taker>,
): Promise<Contents> {
  return await inArchive(reading, async ({ contents, entries, plain }) => {
    const take = await begin(contents);
    const { path, signal } = reading;
    for (const [index, entry] of contents.manifest.entries.entries()) {
      signal.throwIfAborted();
      const place = contents.places[index];
      const { value: found, done } = await entries.next();
      if (done || place === undefined) throw damaged(path, "it ends early");
      if (!found.is_file || found.path !== entry.path || found.size_bytes !== entry.size_bytes)
        throw damaged(
          path,
          `${JSON.stringify(found.path.slice(0, 200))} is not what its table of contents says`,
        );
      using sink = take(place);
      if ((await drain(found, sink)) !== entry.sha256)
        throw damaged(path, `${entry.path} has other bytes than were archived`);
    }
    if (!(await entries.next()).done)
      throw damaged(path, "it holds more than its table of contents says");
    if (plain.zeros < END_BYTES) throw damaged(path, "its end is missing");
    return contents;
  });
}

async function drain(found: EntryIn, sink: Sink): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of found.content) {
    hash.update(chunk);
    sink.write(chunk);
  }
  return hash.digest("hex");
}

type Archive = {
  readonly contents: Contents;
  readonly entries: AsyncGenerator<EntryIn>;
  readonly plain: Plain;
};
/** What was unpacked so far: the most that may come, and with how many zero bytes it ended. */
type Plain = { read: number; most: number; zeros: number };

async function inArchive<T>(
  { path, signal }: Reading,
  work: (archive: Archive) => Promise<T>,
): Promise<T> {
  checkMagic(path);
  const plain: Plain = { read: 0, most: MANIFEST_BYTES + HEADERS_BYTES, zeros: 0 };
  const entries = entriesOf(Readable.from(unpacked({ path, signal }, plain)));
  try {
    const sealed = await checkSeal(path, signal);
    const contents = await firstEntry(entries, path);
    if (isSealed(contents.manifest) && !sealed) throw damaged(path, "its end is missing");
    plain.most = mostBytes(contents.manifest, plain.read);
    return await work({ contents, entries, plain });
  } catch (error) {
    throw readingFault(error, { path, signal });
  } finally {
    await entries.return(undefined);
  }
}

async function firstEntry(entries: AsyncGenerator<EntryIn>, path: string): Promise<Contents> {
  const { value: first, done } = await entries.next();
  if (done || first.path !== MANIFEST || !first.is_file) throw notOurs(path);
  const bytes = Buffer.concat(await Array.fromAsync(first.content));
  if (bytes.length !== first.size_bytes) throw damaged(path, "it ends early");
  return readManifest(bytes, path);
}

/** No honest archive unpacks to more, whatever its headers claim. */
function mostBytes({ entries }: Manifest, read: number): number {
  const all = entries.reduce(
    (sum, { size_bytes }) => sum + size_bytes + TAR_BLOCK + HEADERS_BYTES,
    0,
  );
  return read + all + 2 * END_BYTES;
}

async function* unpacked({ path, signal }: Reading, plain: Plain): AsyncGenerator<Uint8Array> {
  const zstd = createZstdDecompress();
  const feeding = pipeline(createReadStream(path), zstd, { signal });
  // The reader below sees it too, and reports it.
  feeding.catch(() => undefined);
  for await (const chunk of zstd) {
    plain.read += chunk.length;
    if (plain.read > plain.most)
      throw damaged(path, "it unpacks to more than its table of contents says");
    plain.zeros = trailingZeros(chunk, plain.zeros);
    yield chunk;
  }
  await feeding;
}

function trailingZeros(chunk: Uint8Array, before: number): number {
  let at = chunk.length;
  const stop = Math.max(0, chunk.length - END_BYTES);
  while (at > stop && chunk[at - 1] === 0) at--;
  const zeros = chunk.length - at;
  return at === 0 ? before + zeros : zeros;
}

function checkMagic(path: string): void {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(ZSTD_MAGIC.length);
    readSync(file, start);
    if (!start.equals(ZSTD_MAGIC)) throw notOurs(path);
  } finally {
    closeSync(file);
  }
}

/** What the decompressor and the tar reader throw is damage; the system's own errors pass through. */
function readingFault(error: unknown, { path, signal }: Reading): unknown {
  if (signal.aborted || error instanceof Fault || error instanceof UsageError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^(E[A-Z0-9]+|SQLITE_\w+)$/.test(code)) return error;
  return damaged(path, errorMessage(error), error);
}
