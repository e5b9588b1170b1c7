// Owns writing runs to one file: their rows as of one moment and their files, in an order that makes equal runs equal bytes.
import { createReadStream, createWriteStream, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import type { Ledger } from "../../db/ledger.ts";
import { artefactsOf } from "../core/artefacts.ts";
import { placeFile } from "../core/disk.ts";
import { Fault } from "../core/fault.ts";
import { diskScratch, temporaryName } from "../core/files.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import { type EntryOut, tarOfEntries } from "../sandbox/docker/tar.ts";
import { runsNamed } from "../select/named-runs.ts";
import {
  type Entry,
  entryPath,
  MANIFEST,
  type Manifest,
  newManifest,
  placeOf,
} from "./manifest.ts";
import { rowFiles } from "./rows.ts";
import { sealing } from "./seal.ts";

export type ArchiveOptions = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly runs: readonly string[];
  /** The file to write. It appears when it is whole, and replaces what was there. */
  readonly path: string;
  readonly signal: AbortSignal;
};

const BLOCK_BYTES = 1024 * 1024;

type Source = Entry & { readonly from: string };

/**
 * Writes runs with everything that belongs to them. What is read is hashed twice, so that a file that changes meanwhile
 * is noticed. Throws UsageError for an unknown run; Fault `bad_file` for files that are not as their attempts left them.
 */
export async function archiveRuns(options: ArchiveOptions): Promise<Manifest["runs"]> {
  const { ledger, path, signal } = options;
  const runs = [...new Set(options.runs.flatMap((name) => runsNamed(ledger, name)))].sort();
  await using folder = diskScratch("archive");
  const { rows, tasks } = ledger.archive.snapshot(() => ({
    rows: rowFiles(ledger, runs, folder.path),
    tasks: tasksOf(ledger, runs),
  }));
  const files: Source[] = [];
  for (const run of runs) files.push(...(await filesOfRun(options, run)));
  const sources = [...rows, ...files];
  const entries = sources.map(({ from: _from, ...entry }) => entry);
  const contents = newManifest(runs, { tandem_version: TANDEM_VERSION, tasks, entries });
  await writeWhole({ contents: contents.bytes, sources, path, signal });
  return contents.runs;
}

function tasksOf(ledger: Ledger, runs: readonly string[]) {
  const seen = new Map<string, { repo: string; task_id: number; task_hash: string }>();
  for (const run of runs)
    for (const { repo, task_id, task_hash } of ledger.attempts.select({ run }))
      seen.set(`${repo} ${task_id} ${task_hash}`, { repo, task_id, task_hash });
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, task]) => task);
}

/** Every file of a run. Throws Fault `bad_file` when one is not what the ledger says, or has no place in an archive. */
async function filesOfRun(
  { ledger, log_dir, signal }: ArchiveOptions,
  run: string,
): Promise<Source[]> {
  signal.throwIfAborted();
  const folder = join(log_dir, run);
  const found = existsSync(folder) ? await artefactsOf(folder) : [];
  const hashes = new Map(found.map((file) => [`${run}/${file.path}`, file.sha256]));
  for (const { attempt_key, path, sha256: expected } of ledger.artefacts.ofRun(run)) {
    if (hashes.get(`${attempt_key}/${path}`) === expected) continue;
    throw new Fault("bad_file", `${join(log_dir, attempt_key, path)} is missing or changed`, {
      hint: `wait until nothing is working on ${run}; otherwise check-ledger -n ${run} shows what is wrong`,
    });
  }
  return found.map(({ path, ...file }) => {
    const inside = entryPath({ kind: "file", run, path: `${run}/${path}` });
    if (placeOf(inside) !== undefined) return { path: inside, ...file, from: join(folder, path) };
    throw new Fault("bad_file", `${join(folder, path)} cannot be archived under this name`, {
      hint: "it is not a file of Tandem's: move it away",
    });
  });
}

type Writing = Pick<ArchiveOptions, "path" | "signal"> & {
  readonly contents: Buffer;
  readonly sources: readonly Source[];
};

async function writeWhole({ contents, sources, path, signal }: Writing): Promise<void> {
  const temporary = temporaryName(path);
  const first = { path: MANIFEST, size_bytes: contents.length, read: () => bytesOnce(contents) };
  const entries: EntryOut[] = [
    first,
    ...sources.map((source) => ({ ...source, read: () => readSame(source) })),
  ];
  try {
    const out = createWriteStream(temporary);
    await pipeline(tarOfEntries(entries), inBlocks, createZstdCompress(), sealing, out, { signal });
    placeFile(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

async function* bytesOnce(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A file's bytes again. Throws Fault `bad_file` at their end when they are no longer those that were hashed. */
async function* readSame({ from, sha256: expected }: Source): AsyncGenerator<Uint8Array> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of createReadStream(from, { highWaterMark: BLOCK_BYTES })) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") === expected) return;
  throw new Fault("bad_file", `${from} changed while it was archived`, {
    hint: "wait until nothing is working on the run, then archive it again",
  });
}

/** The compressor's output depends on how its input is split: always the same way. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of source)
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(chunk.length - at, BLOCK_BYTES - filled);
      block.set(chunk.subarray(at, at + taken), filled);
      [at, filled] = [at + taken, filled + taken];
      if (filled < BLOCK_BYTES) continue;
      yield block;
      [block, filled] = [Buffer.allocUnsafe(BLOCK_BYTES), 0];
    }
  if (filled > 0) yield block.subarray(0, filled);
}
