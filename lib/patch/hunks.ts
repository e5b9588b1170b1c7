// Owns the hunks of one file in a patch: headers, lines and the marks of a missing final newline.

/**
 * One line of a hunk. `text` is a byte string (one character a byte, latin1) without the newline but with
 * any carriage return. `no_newline`: the file ends here without a newline.
 */
export type HunkLine = {
  readonly tag: " " | "+" | "-";
  readonly text: string;
  readonly no_newline: boolean;
};
/** Line numbers are 1-based as in the header; `section` is the text behind the second @@ (a byte string). */
export type Hunk = {
  readonly old_start: number;
  readonly old_lines: number;
  readonly new_start: number;
  readonly new_lines: number;
  readonly section: string;
  readonly lines: readonly HunkLine[];
};
type Found = { hunks: Hunk[]; problems: string[]; next: number };

const HEADER = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(.*)$/s;

/** Reads consecutive hunks from line `start`; `next` is the first line that belongs to none. */
export function readHunks(lines: readonly string[], start: number): Found {
  const found: Found = { hunks: [], problems: [], next: start };
  while ((lines[found.next] ?? "").startsWith("@@ -")) {
    const header = HEADER.exec(lines[found.next] ?? "");
    if (!header) {
      found.problems.push(`hunk header at line ${found.next + 1} is malformed`);
      found.next++;
      break;
    }
    if (!readHunk(lines, header, found)) break;
  }
  return found;
}

/** Reads one hunk by its counts, adds it to `found`, and says whether it was whole. */
function readHunk(lines: readonly string[], header: RegExpExecArray, found: Found): boolean {
  const first = found.next;
  const hunk = emptyHunk(header);
  const read = readLines(lines, first + 1, hunk);
  found.hunks.push({ ...hunk, lines: read.lines });
  found.next = read.next;
  if (read.whole && read.lines.length > 0) return true;
  const end =
    lines[read.next] === undefined
      ? "the patch ends inside it"
      : `line ${read.next + 1} does not fit`;
  found.problems.push(
    `hunk at line ${first + 1} ${read.whole ? "is empty" : `is truncated or miscounted: ${end}`}`,
  );
  return false;
}

function emptyHunk(header: RegExpExecArray): Omit<Hunk, "lines"> {
  const [, old_start, old_lines = "1", new_start, new_lines = "1", section = ""] = header;
  return {
    old_start: Number(old_start),
    old_lines: Number(old_lines),
    new_start: Number(new_start),
    new_lines: Number(new_lines),
    section: section.trim(),
  };
}

function readLines(lines: readonly string[], start: number, hunk: Omit<Hunk, "lines">) {
  const read: { tag: HunkLine["tag"]; text: string; no_newline: boolean }[] = [];
  let [old, fresh] = [hunk.old_lines, hunk.new_lines];
  let next = start;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? "";
    const last = read.at(-1);
    if (isNoNewlineMark(line) && last) {
      last.no_newline = true;
      continue;
    }
    if (old === 0 && fresh === 0) break;
    const tag = tagOf(line);
    if (tag === undefined || (tag !== "+" && old === 0) || (tag !== "-" && fresh === 0)) break;
    if (tag !== "+") old--;
    if (tag !== "-") fresh--;
    read.push({ tag, text: line.slice(1), no_newline: false });
  }
  return { lines: read, next, whole: old === 0 && fresh === 0 };
}

/** `\ No newline at end of file`, in any language (git knows it by the backslash and its length). */
function isNoNewlineMark(line: string): boolean {
  return line.startsWith("\\ ") && line.length >= 11;
}

/** An empty line is a blank context line whose space was stripped on the way; git takes it so too. */
function tagOf(line: string): HunkLine["tag"] | undefined {
  const tag = line === "" ? " " : line[0];
  return tag === " " || tag === "+" || tag === "-" ? tag : undefined;
}
