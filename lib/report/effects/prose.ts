// Owns a message as sentences: without code, quotes and what tools printed, its paths and code as marks in the text. Pure.
import { type KnownPaths, pathsNamed } from "./paths.ts";

/** Characters of a message that are read; what comes after is not. */
const MOST_CHARACTERS = 32_768;

/** A line, or several that were wrapped: its sentences, and the heading or bullet above that it belongs to. */
export type Line = {
  readonly sentences: readonly string[];
  readonly bullet: boolean;
  readonly heading: boolean;
  readonly parent: Line | null;
};
/** Marks of paths are `<n>` and of code `[n]` in private characters; see {@link PATH} and {@link CODE}. */
export type Prose = {
  readonly lines: readonly Line[];
  /** All that are named. */
  readonly paths: readonly string[];
  /** What the mark of a path names. */
  readonly pathsAt: (mark: string) => readonly string[];
  /** The words as they were written. */
  readonly written: (text: string) => string;
};

/** Patterns of marks. */
export const PATH = "\uE000\\d+\uE001";
export const CODE = "\uE002\\d+\uE003";
export const MARK = new RegExp(`${PATH}|${CODE}`, "g");

export function proseOf(text: string, known: KnownPaths): Prose {
  const marks = new Marks(known);
  const plain = text
    .slice(0, MOST_CHARACTERS)
    .replaceAll(/[\uE000-\uE003]/g, "")
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(/```(?:.|\n)*?(?:```|$)/g, "\n")
    .replaceAll(/~~~(?:.|\n)*?(?:~~~|$)/g, "\n");
  const rows = plain.split(/\r?\n/).filter((row) => !/^\s*(?:>|\+|@@|diff --git |---)/.test(row));
  return {
    lines: nested(wrapped(rows.map((row) => rowOf(row, marks)))),
    paths: marks.paths(),
    pathsAt: (mark) => marks.at(mark).paths,
    written: (words) => words.replaceAll(MARK, (mark) => marks.at(mark).text),
  };
}

type Row = {
  readonly text: string;
  readonly indent: number;
  readonly bullet: boolean;
  readonly heading: boolean;
};

/** What stands for paths and code. */
class Marks {
  private readonly found: { readonly text: string; readonly paths: readonly string[] }[] = [];
  private readonly known: KnownPaths;

  constructor(known: KnownPaths) {
    this.known = known;
  }

  at(mark: string): { readonly text: string; readonly paths: readonly string[] } {
    return this.found[Number(mark.slice(1, -1))] ?? { text: "", paths: [] };
  }

  paths(): string[] {
    return [...new Set(this.found.flatMap(({ paths }) => paths))];
  }

  code(text: string): string {
    return `\uE002${this.found.push({ text, paths: [] }) - 1}\uE003`;
  }

  /** The mark of a word that names files; the word itself, if it names none. */
  word(word: string): string {
    const [, opening = "", inner = word, closing = ""] =
      /^(\*{1,2}|_{1,2})(.*)\1([.:!?]?)$/.exec(word) ?? [];
    const paths = pathsNamed(inner, this.known);
    if (paths.length === 0) return word;
    const tail = /[.:!?]+$/.exec(inner)?.[0] ?? "";
    const text = inner.slice(0, inner.length - tail.length);
    const mark = `\uE000${this.found.push({ text, paths }) - 1}\uE001`;
    return opening === "" ? `${mark}${tail}` : `${mark}${tail}${closing}`;
  }

  /** A path between signs stays one; other things are code. */
  span(text: string): string {
    const words = text.trim().split(/[\s,]+/);
    const marked = words.map((word) => this.word(word));
    return marked.every((one) => one.startsWith("\uE000")) ? marked.join(", ") : this.code(text);
  }
}

const BULLET = /^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+/;

function rowOf(row: string, marks: Marks): Row {
  const bullet = BULLET.test(row);
  const heading = /^\s*#|:\s*\**\s*$|^\s*\*\*[^*]+\*\*\s*$/.test(row);
  const indent = row.search(/\S|$/);
  const text = row
    .replace(BULLET, "")
    .replaceAll(/`([^`]*)`/g, (_, code: string) => marks.span(code))
    .replaceAll(/"([^"]{0,400})"|“([^“”]{0,400})”/g, (whole: string, one?: string, two?: string) =>
      quoted(whole, one ?? two ?? "", marks),
    )
    .replaceAll(/(?<!\w)'((?:[^']|'(?=\w)){8,160})'(?!\w)/g, (whole: string, said: string) =>
      quoted(whole, said, marks),
    )
    .replaceAll(/\bhttps?:\/\/\S+/gi, (url) => marks.code(url))
    .replaceAll(/[^\s,;()<>"'|=`—→\uE000-\uE003]+/g, (word) => marks.word(word))
    .replaceAll(/\*|__|^\s*#+/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return { text, indent, bullet, heading };
}

/** Words between quotation marks are somebody's or a text of the program; a single word is only named. */
function quoted(whole: string, said: string, marks: Marks): string {
  return said.trim().includes(" ") ? marks.span(said) : whole;
}

/** Lines that go on in the next one are joined. */
function wrapped(rows: readonly Row[]): Row[] {
  const joined: (Row & { parts: string[] })[] = [];
  let before: Row | undefined;
  for (const row of rows) {
    const last = joined.at(-1);
    const continues =
      before !== undefined &&
      !row.bullet &&
      /^[a-z(\uE000\uE002]/.test(row.text) &&
      /[^.:!?;]$/.test(before.text) &&
      !before.heading;
    if (continues && last) last.parts.push(row.text);
    else if (row.text !== "") joined.push({ ...row, parts: [row.text] });
    before = row;
  }
  return joined.map(({ parts, ...row }) => ({ ...row, text: parts.join(" ") }));
}

/** Each line below the heading, or the bullet further out, that it belongs to. */
function nested(rows: readonly Row[]): Line[] {
  const above: { readonly line: Line; readonly depth: number }[] = [];
  let afterHeading = false;
  return rows.map(({ text, bullet, heading, indent }) => {
    const depth = bullet ? indent : -1;
    const isBelow = bullet || (afterHeading && !heading);
    while (above.length > 0 && (!isBelow || (bullet && (above.at(-1)?.depth ?? -1) >= depth)))
      above.pop();
    const parent = above.at(-1)?.line ?? null;
    const line = { sentences: sentencesOf(text), bullet, heading, parent };
    if (heading) above.push({ line, depth });
    else if (!bullet) above.length = 0;
    afterHeading = heading;
    return line;
  });
}

function sentencesOf(text: string): string[] {
  return text
    .replaceAll(/\b(?:e\.g|i\.e|etc|vs|cf)\.(?=[ ,)])/gi, (short) => short.replaceAll(".", ""))
    .split(/(?<=[.!?;]["')]?) | [—–-]{1,2} |—/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}
