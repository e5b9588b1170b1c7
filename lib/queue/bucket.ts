// Owns the store for large results: a bucket of any server that speaks S3's protocol.
import { S3Client } from "bun";
import { defined } from "../core/defined.ts";
import { UsageError } from "../core/fault.ts";

/** Bytes under names of a queue's. */
export type Freight = {
  readonly put: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Undefined when it is not there, or no longer. */
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
  readonly drop: (name: string) => Promise<void>;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws UsageError where there is no key. */
function access(env: Environment) {
  const given = (name: string) => env[`S3_${name}`] ?? env[`AWS_${name}`];
  const [accessKeyId, secretAccessKey] = [given("ACCESS_KEY_ID"), given("SECRET_ACCESS_KEY")];
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new UsageError(
      "--artifacts needs the store's key: set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY",
    );
  const [region, endpoint] = [given("REGION"), given("ENDPOINT")];
  const sessionToken = given("SESSION_TOKEN");
  return { accessKeyId, secretAccessKey, ...defined({ region, endpoint, sessionToken }) };
}

/**
 * Opens `s3://bucket/prefix`. Key, secret, region and endpoint come from the environment, as Bun's client reads them
 * (`S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY`, `S3_REGION`, `S3_ENDPOINT`, or the same with `AWS_`). Throws UsageError.
 */
export function openBucket(address: string, env: Environment = process.env): Freight {
  const [, bucket, prefix = ""] = /^s3:\/\/([^/\s]+)(?:\/(\S*?))?\/?$/.exec(address) ?? [];
  if (bucket === undefined)
    throw new UsageError(`--artifacts takes s3://BUCKET/PREFIX, not "${address}"`);
  const client = new S3Client({ bucket, ...access(env) });
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
