// Owns the lines of a patch as pages show them: numbered, in colours, with the changed words; their text stays the patch's own.
import { visible } from "../core/visible.ts";
import { coloursOf, type Stretch } from "./diff-colour.ts";
import { changedWords, type Range } from "./diff-words.ts";
import { type Html, html, type Slot } from "./html.ts";

/** A line between the heads of hunks; `text` is without its sign. Numbers are those of the file before and after. */
export type Line = {
  readonly kind: "same" | "add" | "cut" | "note";
  readonly sign: string;
  readonly text: string;
  readonly old: number | undefined;
  readonly fresh: number | undefined;
};
export type ShownHunk = { readonly head: string; readonly lines: readonly Line[] };
/** The lines of one file of a patch: git's header, hunks, and whatever follows. */
export type Section = {
  readonly head: readonly string[];
  readonly hunks: readonly ShownHunk[];
  readonly rest: readonly string[];
};

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const KINDS = { "+": "add", "-": "cut", " ": "same" } as const;

/** Takes the lines of one file apart; every line is in one of the parts, and their order is kept. */
export function sectionOf(lines: readonly string[]): Section {
  const start = lines.findIndex((line) => HUNK.test(line));
  if (start < 0) return { head: lines, hunks: [], rest: [] };
  const hunks: ShownHunk[] = [];
  let at = start;
  while (at < lines.length) {
    const numbers = HUNK.exec(lines[at] ?? "");
    if (numbers === null) break;
    const [, old, olds = "1", fresh, freshs = "1"] = numbers;
    const from = { old: Number(old), fresh: Number(fresh) };
    const body = hunkLines(lines, at + 1, { from, left: [Number(olds), Number(freshs)] });
    hunks.push({ head: lines[at] ?? "", lines: body });
    at += 1 + body.length;
  }
  return { head: lines.slice(0, start), hunks, rest: lines.slice(at) };
}

function hunkLines(
  lines: readonly string[],
  start: number,
  { from, left }: { from: { old: number; fresh: number }; left: [number, number] },
): Line[] {
  const found: Line[] = [];
  let { old, fresh } = from;
  let [olds, freshs] = left;
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const sign = line.slice(0, 1);
    if (sign === "\\") {
      found.push({ kind: "note", sign: "", text: line, old: undefined, fresh: undefined });
      continue;
    }
    const kind =
      line === "" ? "same" : sign === "+" || sign === "-" || sign === " " ? KINDS[sign] : undefined;
    if (kind === undefined || (kind !== "add" && olds === 0) || (kind !== "cut" && freshs === 0))
      break;
    const numbers = {
      old: kind === "add" ? undefined : old,
      fresh: kind === "cut" ? undefined : fresh,
    };
    found.push({ kind, sign, text: line.slice(1), ...numbers });
    if (kind !== "add") [old, olds] = [old + 1, olds - 1];
    if (kind !== "cut") [fresh, freshs] = [fresh + 1, freshs - 1];
  }
  return found;
}

export type ShownLines = { readonly shown: Html; readonly coloured: boolean };

/** Equal hunks are in several patches and pages: an agent's and the merge's, an attempt's page and its pair's. */
const known = new Map<string, ShownLines>();
/** Characters of HTML. */
const MOST_KNOWN = 30_000_000;
let size = 0;

/** The lines of a hunk as HTML; `coloured` is false where the language is known but the text is too long for it. */
export function hunkHtml(lines: readonly Line[], language: string | undefined): ShownLines {
  const [first] = lines;
  const texts = lines.map(({ sign, text }) => `${sign}${text}`);
  const key = `${language} ${first?.old} ${first?.fresh}\n${texts.join("\n")}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = linesHtml(lines, language);
  if (size > MOST_KNOWN) {
    known.clear();
    size = 0;
  }
  known.set(key, made);
  size += made.shown.text.length;
  return made;
}

function linesHtml(lines: readonly Line[], language: string | undefined): ShownLines {
  const after = lines.filter(({ kind }) => kind === "same" || kind === "add");
  const before = lines.filter(({ kind }) => kind === "cut");
  const colours = new Map<Line, readonly Stretch[] | undefined>();
  let coloured = true;
  for (const side of [after, before]) {
    const found = coloursOf(
      side.map(({ text }) => text),
      language,
    );
    if (found === undefined && language !== undefined && side.length > 0) coloured = false;
    for (const [at, line] of side.entries()) colours.set(line, found?.[at]);
  }
  const words = wordsIn(lines);
  const shown = lines.map((line) => lineHtml(line, colours.get(line), words.get(line)));
  return { shown: html`${shown}`, coloured };
}

/** The changed words of each line, among the lines that went and those that came right after them. */
function wordsIn(lines: readonly Line[]): ReadonlyMap<Line, readonly Range[]> {
  const found = new Map<Line, readonly Range[]>();
  const texts = (some: readonly Line[]) => some.map(({ text }) => text);
  let at = 0;
  const take = (kind: Line["kind"]) => {
    const from = at;
    while (lines[at]?.kind === kind || (at > from && lines[at]?.kind === "note")) at++;
    return lines.slice(from, at).filter((line) => line.kind === kind);
  };
  while (at < lines.length) {
    const cut = take("cut");
    const added = take("add");
    if (cut.length === 0 && added.length === 0) at++;
    if (cut.length === 0 || added.length === 0) continue;
    const changed = changedWords(texts(cut), texts(added));
    for (const [line, ranges] of changed.cut) if (cut[line]) found.set(cut[line], ranges);
    for (const [line, ranges] of changed.added) if (added[line]) found.set(added[line], ranges);
  }
  return found;
}

function lineHtml(
  line: Line,
  colours: readonly Stretch[] | undefined,
  words: readonly Range[] = [],
): Html {
  const { kind, sign, text, old, fresh } = line;
  const numbers = html`${old !== undefined && html` data-o="${old}"`}${fresh !== undefined && html` data-n="${fresh}"`}`;
  return html`<span class="${kind}"${numbers}>${sign}${pieces(text, colours, words)}\n</span>`;
}

/** A line in its colours. What could mislead is not taken apart: it is shown by its code, whole. */
export function pieces(
  text: string,
  colours: readonly Stretch[] | undefined,
  words: readonly Range[] = [],
): Slot {
  const seen = text.endsWith("\r") ? text.slice(0, -1) : text;
  if ((colours === undefined && words.length === 0) || visible(seen) !== seen) return text;
  const whole = [{ from: 0, to: text.length, changed: false }];
  const parts = words.length === 0 ? whole : partsOf(text, words);
  return parts.map(({ from, to, changed }) => {
    const shown = inColours(text, { from, to }, colours);
    return changed ? html`<b>${shown}</b>` : shown;
  });
}

function partsOf(text: string, words: readonly Range[]) {
  const parts: (Range & { changed: boolean })[] = [];
  let at = 0;
  for (const { from, to } of words) {
    if (from > at) parts.push({ from: at, to: from, changed: false });
    parts.push({ from, to, changed: true });
    at = to;
  }
  if (at < text.length) parts.push({ from: at, to: text.length, changed: false });
  return parts;
}

function inColours(text: string, { from, to }: Range, colours: readonly Stretch[] = []): Slot[] {
  const shown: Slot[] = [];
  let at = from;
  for (const { end, colour } of colours) {
    const stop = wholeAt(text, Math.min(end, to));
    if (stop <= at) continue;
    const part = text.slice(at, stop);
    shown.push(colour === undefined ? part : html`<i class="${colour}">${part}</i>`);
    at = stop;
    if (at >= to) break;
  }
  if (at < to) shown.push(text.slice(at, to));
  return shown;
}

/** The place, or the one behind it where it would cut a character in two. */
function wholeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}

const LONGEST_LINE = 2000;

/** A line, cut where it is too long to read. */
export function short(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  const kept = line.slice(0, LONGEST_LINE).toWellFormed();
  return `${kept} ⋯ ${line.length - LONGEST_LINE} more characters`;
}
