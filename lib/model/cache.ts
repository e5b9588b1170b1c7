// Owns the cache of answers: one file per request, and one question at a time for each.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { z } from "zod";
import { sha256, writeUnsettled } from "../core/files.ts";
import { redactDeep } from "../core/redact.ts";
import { type Answered, answered, filledIn } from "./recording.ts";
import { canonicalJson } from "./request.ts";

/** What decides an answer, as far as anyone can tell. */
export type CacheKeyParts = {
  /** The content hash of the request, with the options it is asked with. */
  readonly request_sha256: string;
  readonly model: string;
  /** What of the server's address is part of a configuration: see `ownServer`; before that, the address. */
  readonly base_url: string | null;
  /** The attempt's number among the tries of its pair. */
  readonly try: number;
};

/**
 * The name an answer is kept under. It does not tell agents or runs apart. It does tell tries apart: repeats of a pair
 * are there to draw independent samples (pass@k), and a second try answered with the first one's text is not a sample.
 */
export function cacheKey({ request_sha256, model, base_url, try: number }: CacheKeyParts): string {
  return sha256(canonicalJson({ base_url, model, request_sha256, try: number }));
}

export type Cache = {
  /**
   * The kept answer, or the one that `ask` gives, which is then kept. While one caller asks, others with the same key
   * wait for it; when it fails, the next of them asks. Failures are not kept. Throws what `ask` throws, the signal's
   * reason on abort, and errors of the file system other than a missing file.
   */
  readonly through: (lookup: Lookup) => Promise<{ answered: Answered; hit: boolean }>;
};
export type Lookup = {
  readonly key: string;
  /** Other keys that the answer may have been kept under. */
  readonly earlier?: readonly string[];
  readonly signal: AbortSignal;
  readonly ask: () => Promise<Answered>;
};

const entry = answered.extend({ key: z.string() });

/** Answers in `<folder>/<first two digits>/<key>.json.zst`. A damaged file counts as none, is told of, and is replaced. */
export function openCache(folder: string, on_damage: (path: string) => void): Cache {
  const asking = new Map<string, Promise<void>>();
  return {
    async through({ key, earlier = [], signal, ask }) {
      const place = (name: string) => join(folder, name.slice(0, 2), `${name}.json.zst`);
      for (;;) {
        for (const name of [key, ...earlier]) {
          const kept = readEntry({ path: place(name), key: name, on_damage });
          if (kept !== undefined) return { answered: kept, hit: true };
        }
        const other = asking.get(key);
        if (other === undefined) break;
        await unlessAborted(other, signal);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      asking.set(key, promise);
      try {
        // Before it is packed: a secret inside packed bytes would not be found.
        const made = redactDeep(await ask());
        writeUnsettled(place(key), sealed(JSON.stringify({ ...made, key })));
        return { answered: made, hit: false };
      } finally {
        asking.delete(key);
        resolve();
      }
    },
  };
}

/** With a checksum: a power cut may lose an answer, and what it leaves of one is seen not to be whole. */
function sealed(text: string): Buffer {
  return zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

type Entry = {
  readonly path: string;
  readonly key: string;
  readonly on_damage: (path: string) => void;
};

function readEntry({ path, key, on_damage }: Entry): Answered | undefined {
  const bytes = readIfThere(path);
  if (bytes === undefined) return undefined;
  const parsed = entry.safeParse(unpacked(bytes));
  if (parsed.success && parsed.data.key === key) {
    const { key: _key, ...kept } = parsed.data;
    return filledIn(kept, 1);
  }
  on_damage(path);
  return undefined;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The JSON value in the bytes; undefined, which means no entry, when they are damaged. */
function unpacked(bytes: Buffer): unknown {
  try {
    return JSON.parse(Buffer.from(Bun.zstdDecompressSync(bytes)).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Waits for another caller's work to finish. Throws the signal's reason on abort. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
