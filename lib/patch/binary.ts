// Owns binary blocks of a patch: `GIT binary patch` data, and literal blocks decoded to bytes.
import { inflateSync } from "node:zlib";

/** One direction of a binary change. `size` is in bytes, decoded; `rows` are git's base-85 lines. */
export type BinaryBlock = {
  readonly method: "literal" | "delta";
  readonly size: number;
  readonly rows: readonly string[];
};
/** `forward` makes the new content from the old one, `reverse` (where given) the old from the new. */
export type BinaryData = {
  readonly forward: BinaryBlock;
  readonly reverse: BinaryBlock | undefined;
};
type Found = { data: BinaryData | undefined; problem: string | undefined; next: number };

const ALPHABET =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
const LARGEST_BYTES = 256 * 2 ** 20;

/** Reads what stands below a file header when it is binary; undefined when it is not. */
export function readBinary(lines: readonly string[], start: number): Found | undefined {
  const line = lines[start] ?? "";
  if (/^(?:Binary files|Files) .* differ\r?$/.test(line)) {
    const problem = "binary file without its data (the patch was made without --binary)";
    return { data: undefined, problem, next: start + 1 };
  }
  if (line !== "GIT binary patch") return undefined;
  const forward = readBlock(lines, start + 1);
  if (!forward) return { data: undefined, problem: "binary data is malformed", next: start + 1 };
  const reverse = readBlock(lines, forward.next);
  const data = { forward: forward.block, reverse: reverse?.block };
  return { data, problem: undefined, next: (reverse ?? forward).next };
}

/** The bytes of a literal block; undefined when it is a delta, malformed, or not of the size it states. */
export function decodeLiteral(block: BinaryBlock): Uint8Array | undefined {
  if (block.method !== "literal" || block.size > LARGEST_BYTES) return undefined;
  const rows = block.rows.map(decodeRow);
  const packed = rows.flatMap((row) => (row === undefined ? [] : [row]));
  if (packed.length !== rows.length) return undefined;
  try {
    const bytes = inflateSync(Buffer.concat(packed), { maxOutputLength: block.size + 1 });
    return bytes.byteLength === block.size ? bytes : undefined;
  } catch (error) {
    // zlib's own complaint: the data is not what it says. Anything else is not about the patch.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

function readBlock(lines: readonly string[], start: number) {
  const head = /^(literal|delta) (\d{1,12})$/.exec(lines[start] ?? "");
  if (!head) return undefined;
  let next = start + 1;
  while (next < lines.length && lines[next] !== "") next++;
  const method = head[1] === "delta" ? "delta" : "literal";
  const block: BinaryBlock = { method, size: Number(head[2]), rows: lines.slice(start + 1, next) };
  return { block, next: next + 1 };
}

/** One row: a letter for its byte count (A-Z 1…26, a-z 27…52), then groups of 5 base-85 digits for 4 bytes. */
function decodeRow(row: string): Uint8Array | undefined {
  const length = lengthOfRow(row.charCodeAt(0));
  if (length === undefined || row.length - 1 !== Math.ceil(length / 4) * 5) return undefined;
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  for (let group = 0; group * 5 + 1 < row.length; group++) {
    let value = 0;
    for (const digit of row.slice(group * 5 + 1, group * 5 + 6)) {
      const at = ALPHABET.indexOf(digit);
      if (at < 0) return undefined;
      value = value * 85 + at;
    }
    if (value > 0xffffffff) return undefined;
    bytes.writeUInt32BE(value, group * 4);
  }
  return bytes.subarray(0, length);
}

function lengthOfRow(code: number): number | undefined {
  if (code >= 65 && code <= 90) return code - 64;
  return code >= 97 && code <= 122 ? code - 96 + 26 : undefined;
}
