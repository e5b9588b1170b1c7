// Owns the store for large results: a bucket of any server that speaks S3's protocol.
import { S3Client } from "bun";
import { UsageError } from "../core/fault.ts";

/** Bytes under names of a queue's. */
export type Freight = {
  readonly put: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Undefined when it is not there, or no longer. */
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
  readonly drop: (name: string) => Promise<void>;
};

/**
 * Opens `s3://bucket/prefix`. Key, secret, region and endpoint come from the environment, as Bun's client reads them
 * (`S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY`, `S3_REGION`, `S3_ENDPOINT`, or the same with `AWS_`). Throws UsageError.
 */
export function openBucket(address: string): Freight {
  const [, bucket, prefix = ""] = /^s3:\/\/([^/\s]+)(?:\/(\S*?))?\/?$/.exec(address) ?? [];
  if (bucket === undefined)
    throw new UsageError(`--artifacts takes s3://BUCKET/PREFIX, not "${address}"`);
  const client = new S3Client({ bucket });
  // The names of keys in Redis have colons, which make awkward names of files.
  const path = (name: string) => [prefix, name.replaceAll(":", "/")].filter(Boolean).join("/");
  return {
    async put(name, bytes) {
      await client.write(path(name), bytes);
    },
    async get(name) {
      const file = client.file(path(name));
      if (!(await file.exists())) return undefined;
      return await file.bytes();
    },
    async drop(name) {
      await client.delete(path(name));
    },
  };
}
