// Owns reading a stranger's file: links are not followed, and only regular files of bounded size and valid JSON pass.
import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

const MIB = 1024 * 1024;
const MOST_BYTES = 64 * MIB;
/** Deeper nesting than any log has; writing such a value again would overflow the stack. */
const MOST_LEVELS = 200;

/** Either what was wanted, or why not, as text that follows the file's name. */
export type Read<T> =
  | { readonly value: T; readonly problem?: string }
  | { readonly value?: undefined; readonly problem: string; readonly size_bytes?: number };

/** The bytes of a regular file of at most 64 MiB; for a larger one its size. */
export function readBounded(path: string): Read<Buffer> {
  try {
    // Not blocking: opening a pipe without a writer would wait forever.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = fstatSync(fd);
      if (!fstatSync(fd).isFile()) return { problem: "is not a regular file: ignored" };
      if (size > MOST_BYTES)
        return {
          problem: `has ${Math.ceil(size / MIB)} MiB, more than 64: ignored`,
          size_bytes: size,
        };
      return { value: readFileSync(fd) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ELOOP") return { problem: "is a symbolic link: not followed" };
    return { problem: `cannot be read (${code}): ignored` };
  }
}

/**
 * The value of a JSON file, with or without a byte order mark. NaN and Infinity, which Python writes, are read as null.
 */
export function parseJson(bytes: Uint8Array): Read<unknown> {
  const { text, odd } = textOf(bytes);
  const problem = odd ? "is not valid UTF-8: invalid bytes were replaced" : undefined;
  const value = parsed(text) ?? parsed(withoutNaN(text));
  if (value === undefined)
    return { problem: `is not complete JSON (${bytes.length} bytes): ignored` };
  if (isDeeper(value.json, MOST_LEVELS))
    return { problem: `is nested more than ${MOST_LEVELS} levels deep: ignored` };
  return problem === undefined ? { value: value.json } : { value: value.json, problem };
}

/** UTF-8, or what a byte order mark at the beginning says; the mark is not part of the text. */
function textOf(bytes: Uint8Array): { readonly text: string; readonly odd: boolean } {
  const [first, second] = bytes;
  const marked =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff && "utf-16be";
  return marked
    ? { text: new TextDecoder(marked).decode(bytes), odd: false }
    : { text: new TextDecoder().decode(bytes), odd: !isUtf8(bytes) };
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function withoutNaN(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  // A string that does not end is taken to the end: looking for its end again from every quote would take forever.
  return text.replace(/"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|-?\bInfinity\b|\bNaN\b/g, (token) =>
    token.startsWith('"') ? token : "null",
  );
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
