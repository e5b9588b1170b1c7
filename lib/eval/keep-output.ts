// Owns how a suite's output becomes what the ledger keeps: without secrets, hashed and compressed, in short stretches.
import { redactBytes } from "../core/redact.ts";

/** About 5 ms of work. */
const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

export type KeptOutput = {
  readonly hash: string;
  readonly size_bytes: number;
  readonly zstd: Buffer;
};

/** The output as the ledger keeps it; other work gets its turn in between. */
export async function keepOutput(output: Uint8Array): Promise<KeptOutput> {
  const clean = await redactLines(output);
  const digest = await crypto.subtle.digest("SHA-256", clean);
  const zstd = await Bun.zstdCompress(clean);
  return { hash: Buffer.from(digest).toString("hex"), size_bytes: clean.length, zstd };
}

/** No secret spans lines, so that an output can be cut behind any line. */
async function redactLines(output: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < output.length; ) {
    const newline = output.indexOf(NEWLINE, start + CHUNK_BYTES);
    const end = newline === -1 ? output.length : newline + 1;
    parts.push(redactBytes(output.subarray(start, end)));
    start = end;
    if (start < output.length) await Bun.sleep(0);
  }
  return new Uint8Array(Buffer.concat(parts));
}
