// Owns the seal at an archive's end: the SHA-256 of everything before it, in a frame that decompressors skip.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { damaged } from "./manifest.ts";

/** A skippable frame of 32 bytes (RFC 8878, section 3.1.2). */
const HEAD = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);
const SEAL_BYTES = HEAD.length + 32;

/** The bytes as they come, followed by their seal. */
export async function* sealing(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  yield Buffer.concat([HEAD, hash.digest()]);
}

/** Whether the archive ends in a seal. Throws Fault `bad_file` when it is not the seal of what precedes it. */
export async function checkSeal(path: string, signal: AbortSignal): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (size < SEAL_BYTES) return false;
  const seal = Buffer.alloc(SEAL_BYTES);
  await file.read(seal, 0, SEAL_BYTES, size - SEAL_BYTES);
  if (!seal.subarray(0, HEAD.length).equals(HEAD)) return false;
  const hash = new Bun.CryptoHasher("sha256");
  if (size > SEAL_BYTES)
    for await (const chunk of createReadStream(path, { end: size - SEAL_BYTES - 1, signal }))
      hash.update(chunk);
  if (hash.digest().equals(seal.subarray(HEAD.length))) return true;
  throw damaged(path, "it has other bytes than were written");
}
