// Owns how git spells paths: C-style quotes, the a/ prefix, and names that are not valid UTF-8.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Four times PATH_MAX: every byte of a path escaped, and room for the second name of a line. */
const LONGEST_NAME = 40_000;
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

/** Reads a quoted name at the start of `text`: its bytes, and what follows. Undefined when it is malformed. */
export function unquote(text: string): { name: string; rest: string } | undefined {
  if (text.length > LONGEST_NAME) return undefined;
  const match = /^"((?:[^"\\]|\\[abtnvfr"\\]|\\[0-3][0-7]{2})*)"/.exec(text);
  if (!match) return undefined;
  const name = (match[1] ?? "").replace(/\\([0-3][0-7]{2}|.)/g, (_, code: string) =>
    String.fromCharCode(ESCAPES[code] ?? Number.parseInt(code, 8)),
  );
  return { name, rest: text.slice(match[0].length) };
}

/** The name without its first component, as `git apply -p1` takes it; undefined when it has only one. */
export function withoutPrefix(name: string): string | undefined {
  const slash = name.indexOf("/");
  return slash < 0 || slash === name.length - 1 ? undefined : name.slice(slash + 1);
}
