// Owns how git spells paths: C-style quotes, the a/ prefix, and names that are not valid UTF-8.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ESCAPES: Record<string, number> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "\\": 92,
};

/**
 * A path's bytes (a byte string: one character a byte) as text. Names that are not UTF-8 keep each high
 * byte as a lone surrogate U+DC80…U+DCFF, so that {@link pathBytes} gives back exactly the same bytes.
 */
export function pathText(bytes: string): string {
  try {
    return utf8.decode(Buffer.from(bytes, "latin1"));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return bytes.replace(/[\x80-\xff]/g, (byte) =>
      String.fromCharCode(0xdc00 + byte.charCodeAt(0)),
    );
  }
}

/** The reverse of {@link pathText}: the path's bytes as a byte string. */
export function pathBytes(path: string): string {
  if (path.isWellFormed()) return Buffer.from(path, "utf8").toString("latin1");
  return path.replace(/[\udc80-\udcff]/g, (lone) => String.fromCharCode(lone.charCodeAt(0) & 0xff));
}

/** A byte string in git's double quotes, as fast-import and info/alternates read it. */
export function quoted(bytes: string): string {
  const octal = (char: string) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
  return `"${bytes.replace(/[^\x20-\x7e]|["\\]/g, octal)}"`;
}

/** Reads a quoted name at the start of `text`: its bytes, and what follows. Undefined when it is malformed. Linear. */
export function unquote(text: string): { name: string; rest: string } | undefined {
  return unquoteLines([text], { line: 0, from: 0 });
}

/** The same where the name begins in a line: git reads on in the next one until the quote is closed. */
export function unquoteLines(
  lines: readonly string[],
  { line, from }: { readonly line: number; readonly from: number },
): { name: string; rest: string } | undefined {
  const parts: string[] = [];
  if (lines[line]?.[from] !== '"') return undefined;
  for (let at = line, start = from + 1; at < lines.length; at++, start = 0) {
    const text = lines[at] ?? "";
    const end = readPart(text, start, parts);
    if (text[end] === '"') return { name: parts.join(""), rest: text.slice(end + 1) };
    if (end < text.length) return undefined;
    parts.push("\n");
  }
  return undefined;
}

/** Adds what the quoted text means up to the next quote, or where it makes no sense; returns that place. */
function readPart(text: string, start: number, parts: string[]): number {
  const part = /[^"\\\0]+|\\(?:([0-3][0-7]{2})|([abtnvfr"\\]))/y;
  let end = start;
  part.lastIndex = start;
  for (let match = part.exec(text); match; match = part.exec(text)) {
    const [piece, octal, letter] = match;
    const code = octal === undefined ? ESCAPES[letter ?? ""] : Number.parseInt(octal, 8);
    parts.push(code === undefined ? piece : String.fromCharCode(code));
    end = part.lastIndex;
  }
  return end;
}
