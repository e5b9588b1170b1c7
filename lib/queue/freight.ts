// Owns how bytes go through Redis: compressed, up to a size, for a time; or through a store that speaks S3's protocol.
import type { Redis } from "ioredis";
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { type Freight, openBucket } from "./bucket.ts";

/** Compressed; what is larger needs a store. */
const MOST_BYTES = 32 * 1024 ** 2;
/** What is larger goes to the store, where there is one. */
const MOST_BESIDE_STORE = 1024 ** 2;
/** Bytes that nobody fetches are forgotten after this. */
const KEPT_S = 3_600;

/** `artifacts` is `s3://bucket/prefix`; null: all goes through Redis. Throws UsageError for another address. */
export function openFreight(client: Redis, artifacts: string | null): Freight {
  const store = artifacts === null ? undefined : openBucket(artifacts);
  return {
    async put(name, bytes) {
      const packed = await Bun.zstdCompress(bytes);
      if (store && packed.byteLength > MOST_BESIDE_STORE) return await store.put(name, packed);
      if (packed.byteLength > MOST_BYTES) throw tooLarge(packed.byteLength);
      await client.set(name, packed, "EX", KEPT_S);
    },
    async get(name) {
      const packed = (await client.getBuffer(name)) ?? (await store?.get(name));
      return packed && (await Bun.zstdDecompress(packed));
    },
    async drop(name) {
      if ((await client.unlink(name)) === 0) await store?.drop(name);
    },
  };
}

function tooLarge(bytes: number): Fault {
  const mib = (size: number) => `${Math.ceil(size / 1024 ** 2)} MiB`;
  return new Fault(
    "result_too_large",
    `bytes of ${mib(bytes)}, compressed, are more than the ${mib(MOST_BYTES)} that travel through Redis`,
    { hint: "give a store with --artifacts s3://BUCKET/PREFIX" },
  );
}

/** The bytes, if they are those of the hash. Throws Fault `bytes_missing` for others. */
export function verified(hash: string, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes !== undefined && sha256(bytes) === hash) return bytes;
  const what = bytes === undefined ? "are gone" : "have changed on their way";
  throw new Fault("bytes_missing", `the bytes of ${hash} ${what}`, {
    hint: "nothing to do: the unit is tried again",
  });
}
