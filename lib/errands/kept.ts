// Owns what a performer keeps of what it was sent: bundles by hash, each unpacked once.
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { moveUnlessThere } from "../core/disk.ts";
import { Fault } from "../core/fault.ts";
import { scratch, sha256 } from "../core/files.ts";
import { unpackBundle, writeEntries } from "./bundle.ts";
import type { Blobs, Site } from "./errand.ts";

/** The bytes with that hash. Throws Fault `bytes_missing`. */
export async function bytesOf(blobs: Pick<Blobs, "get">, hash: string): Promise<Uint8Array> {
  const bytes = await blobs.get(hash);
  if (sha256(bytes) === hash) return bytes;
  throw new Fault("bytes_missing", `the bytes ${hash.slice(0, 12)} are not what they should be`, {
    hint: "run the same command again",
  });
}

/** Absolute path of the folder that a bundle is unpacked to; nobody writes there. */
export async function bundleFolder({ blobs, folder, share }: Site, hash: string): Promise<string> {
  const { path } = await share(`bundle ${hash}`, async () => {
    const target = join(folder, "kept", hash);
    if (!existsSync(target)) {
      const entries = unpackBundle(await bytesOf(blobs, hash));
      await using space = scratch(folder, "bundle");
      const fresh = join(space.path, "fresh");
      mkdirSync(fresh);
      mkdirSync(dirname(target), { recursive: true });
      writeEntries(fresh, entries);
      await moveUnlessThere(fresh, target);
    }
    return { path: target };
  });
  return path;
}
