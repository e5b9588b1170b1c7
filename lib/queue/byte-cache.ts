// Owns the bytes that a worker has fetched, by hash, in a folder of its own: the oldest go when they are too many.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const MOST_BYTES = 2 * 1024 ** 3;

/** Where units look before they ask for bytes. */
export type ByteCache = {
  readonly get: (hash: string, fetch: () => Promise<Uint8Array>) => Promise<Uint8Array>;
};

export function openByteCache(folder: string, most_bytes = MOST_BYTES): ByteCache {
  mkdirSync(folder, { recursive: true });
  const sizes = new Map<string, number>();
  const fetching = new Map<string, Promise<Uint8Array>>();
  let total = 0;
  const keep = async (hash: string, bytes: Uint8Array) => {
    await Bun.write(join(folder, hash), bytes);
    sizes.set(hash, bytes.byteLength);
    total += bytes.byteLength;
    for (const [old, size] of sizes) {
      if (total <= most_bytes || old === hash) break;
      rmSync(join(folder, old), { force: true });
      sizes.delete(old);
      total -= size;
    }
    return bytes;
  };
  const read = async (hash: string, fetch: () => Promise<Uint8Array>) => {
    const size = sizes.get(hash);
    if (size === undefined) return await keep(hash, await fetch());
    sizes.delete(hash);
    sizes.set(hash, size);
    return await Bun.file(join(folder, hash)).bytes();
  };
  return {
    async get(hash, fetch) {
      const under = fetching.get(hash) ?? read(hash, fetch);
      fetching.set(hash, under);
      try {
        return await under;
      } finally {
        fetching.delete(hash);
      }
    },
  };
}
