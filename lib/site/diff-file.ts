// Owns showing one file of a patch: git's header as one line of words, its hunks in colour, and how much of it is shown.
import type { PatchFile } from "../patch/patch.ts";
import { languageOf } from "./diff-colour.ts";
import { hunkHtml, type Section, type ShownHunk, sectionOf, short } from "./diff-lines.ts";
import { type Html, html, type Slot } from "./html.ts";
import { plural } from "./numbers.ts";
import { tag } from "./parts.ts";

const MOST_LINES = 500;

export type FileText = {
  /** The lines of the patch that are about this file. */
  readonly lines: readonly string[];
  /** The file that has all of it, as people name it. */
  readonly where: string;
  readonly open: boolean;
  /** Without colours. */
  readonly plain: boolean;
  /** What else is said of it in its head. */
  readonly mark: Slot;
  /** What else is said of a hunk, by its place. */
  readonly hunkMark?: (at: number) => HunkMark | undefined;
};
/** `with`: numbers of attempts that change the same lines; `words` stand behind the hunk's head. */
export type HunkMark = { readonly with: string; readonly words: Slot };
/** `whole`: the text of its element is the patch's own, to the last sign. */
export type ShownFile = { readonly shown: Html; readonly whole: boolean };

/** The file folded to its head, below which are its lines. */
export function fileDiff(file: PatchFile, text: FileText): ShownFile {
  const { open, mark } = text;
  const changed = file.hunks.flatMap((hunk) => hunk.lines);
  const tagged = (sign: string) => changed.filter((line) => line.tag === sign).length;
  const size = file.binary ? "binary" : `+${tagged("+")} −${tagged("-")}`;
  const body = linesHtml(text, languageOf(file.new_path ?? file.old_path));
  const long = !body.coloured && html` ${tag("too long for colours")}`;
  const shown = html`<details class="file"${open && html` open`}><summary><code>${pathOf(file)}</code>${headWords(file).map((word) => html` ${tag(word)}`)} <span class="size">${size}</span>${long} ${mark}</summary>${body.shown}</details>`;
  return { shown, whole: body.whole };
}

/** The name that the file has now, or had. */
export function pathOf({ new_path, old_path }: PatchFile): string {
  return new_path ?? old_path ?? "a file without a name";
}

const MODES: Readonly<Record<string, string>> = {
  "100755": "executable",
  "120000": "symbolic link",
  "160000": "submodule",
};

/** What git's header says besides the name. */
export function headWords({ kind, old_path, old_mode, new_mode }: PatchFile): string[] {
  const mode = kind === "delete" ? old_mode : new_mode;
  const special = mode === undefined ? undefined : MODES[mode];
  const first = {
    add: ["new file"],
    delete: ["deleted"],
    rename: [`renamed from ${old_path}`],
    copy: [`copied from ${old_path}`],
    modify: [],
  }[kind];
  const turned = old_mode !== undefined && new_mode !== undefined && old_mode !== new_mode;
  if (turned) return [...first, `mode ${old_mode} → ${new_mode}`];
  return special === undefined ? first : [...first, special];
}

type Body = { readonly shown: Html; readonly coloured: boolean; readonly whole: boolean };

function linesHtml(text: FileText, language: string | undefined): Body {
  const { lines, where, plain, hunkMark } = text;
  const kept = lines.slice(0, MOST_LINES);
  const shortened = kept.map(short);
  const section = sectionOf(shortened);
  const hunks = section.hunks.map((hunk, at) =>
    oneHunk(hunk, plain ? undefined : language, hunkMark?.(at)),
  );
  const rest = lines.length - kept.length;
  const more =
    rest > 0 &&
    html`<span class="omitted">⋯ ${plural(rest, "more line")}; all of it is in ${where} ⋯</span>`;
  return {
    shown: html`<pre class="diff" tabindex="0">${headHtml(section)}${hunks.map(({ shown }) => shown)}${metaHtml(section.rest)}${more}</pre>`,
    coloured: hunks.every(({ coloured }) => coloured) && !(plain && language !== undefined),
    whole: rest === 0 && shortened.every((line, at) => line === kept[at]),
  };
}

/** Git's header is in the text, for who copies it; the page shows it only where there is nothing else. */
function headHtml({ head, hunks }: Section): Slot {
  if (hunks.length === 0) return metaHtml(head);
  return html`<span class="head">${head.map((line) => `${line}\n`)}</span>`;
}

function metaHtml(lines: readonly string[]): Slot {
  return lines.length > 0 && html`<span class="meta">${lines.map((line) => `${line}\n`)}</span>`;
}

function oneHunk(
  { head, lines }: ShownHunk,
  language: string | undefined,
  mark: HunkMark | undefined,
) {
  const { shown, coloured } = hunkHtml(lines, language);
  const about = mark && html` data-with="${mark.with}"`;
  const line = html`<span class="hunk">${head}\n</span>`;
  const whole = html`<span class="lines"${about}>${mark?.words}${line}${shown}</span>`;
  return { shown: whole, coloured };
}
