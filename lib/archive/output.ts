// Owns whether raw output is what its hash names.
import { zstdDecompressSync } from "node:zlib";
import type { Kept } from "../../db/audit.ts";
import { sha256 } from "../core/files.ts";

/**
 * Whether compressed bytes are complete and unpack to the `size_bytes` bytes that their hash names; no more is
 * unpacked.
 */
export function isOutput({ hash, size_bytes, bytes }: Kept): boolean {
  const whole = unzipped(bytes, size_bytes);
  return whole !== undefined && sha256(whole) === hash;
}

/** The `size_bytes` bytes that were compressed; undefined for what is damaged, cut off, or more. */
function unzipped(bytes: Uint8Array, size_bytes: number): Uint8Array | undefined {
  try {
    const whole = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, size_bytes) });
    // Truncated input is not an error to the decompressor: it returns what it has.
    return whole.length === size_bytes ? whole : undefined;
  } catch {
    return undefined;
  }
}
