// Owns showing patches: by file, long ones cut, every `+` and `-` kept so that colour is not needed, and whole ones to copy.
import { visible } from "../core/visible.ts";
import { parsePatch } from "../patch/parse.ts";
import type { Patch, PatchFile } from "../patch/patch.ts";
import { type FileText, fileDiff, pathOf } from "./diff-file.ts";
import { type Html, html, type Slot } from "./html.ts";
import { count, plural } from "./numbers.ts";

/** Lines of a patch that get colours. */
const MOST_COLOURED_LINES = 3000;
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Files are open initially unless there are more lines than this. */
const OPEN_LINES = 250;
/** Bytes of a patch that are in the page a second time, where what it shows is not the patch to the last sign. */
const MOST_COPIED = 100_000;

/** Added and removed lines, and how many files. */
export function patchSize(bytes: Uint8Array): string {
  const { files } = parsePatch(bytes);
  const lines = files.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines));
  const tagged = (tag: string) => lines.filter((line) => line.tag === tag).length;
  return `${plural(files.length, "file")}, +${count(tagged("+"))} −${count(tagged("-"))} lines`;
}

/** A patch with its text by file. `lead` is what stands before the first file. */
export type PatchText = {
  readonly patch: Patch;
  readonly text: string;
  readonly lead: readonly string[];
  readonly files: readonly OneFile[];
};
/** `plain`: behind so many other lines that it gets no colours. */
type OneFile = {
  readonly file: PatchFile;
  readonly lines: readonly string[];
  readonly plain: boolean;
};

export function patchText(bytes: Uint8Array): PatchText {
  const patch = parsePatch(bytes);
  const text = decoded(bytes);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const { files } = patch;
  return {
    patch,
    text,
    lead: lines.slice(0, files[0]?.first_line),
    files: files.map((file, at) => ({
      file,
      lines: lines.slice(file.first_line, files[at + 1]?.first_line),
      plain: file.first_line > MOST_COLOURED_LINES,
    })),
  };
}

/** A patch file by file. `where` names the file that has all of it. `mark` annotates a file by its path. */
export function diff(
  bytes: Uint8Array,
  where: string,
  mark: (path: string) => Slot = () => null,
): Html {
  if (bytes.length === 0) return html`<p class="missing">Empty.</p>`;
  const { patch, text, lead, files } = patchText(bytes);
  const open = files.reduce((sum, { lines }) => sum + lines.length, 0) <= OPEN_LINES;
  const about = { where, open };
  const shown = files.map(({ file, ...text }) =>
    fileDiff(file, { ...about, ...text, mark: mark(pathOf(file)) }),
  );
  const whole = shown.length > 0 && lead.length === 0 && shown.every((one) => one.whole);
  const same = whole && text.endsWith("\n") && visible(text) === text && isText(bytes);
  return html`<div class="patch-text">${problemsHtml(patch)}${tools(bytes, { where, text, same })}${files.length === 0 ? bare({ ...about, lines: lead, plain: true }) : shown.map((one) => one.shown)}</div>`;
}

function problemsHtml({ problems }: Patch): Slot {
  return (
    problems.length > 0 &&
    html`<p class="verdict v-warn">${problems.slice(0, 5).join("; ")}${problems.length > 5 && ` and ${problems.length - 5} more`}</p>`
  );
}

/** Text that is not a patch, unchanged. */
function bare(text: Omit<FileText, "mark">): Html {
  const none: PatchFile = {
    ...{ old_path: undefined, new_path: undefined, kind: "modify", binary: true, hunks: [] },
    ...{ old_mode: undefined, new_mode: undefined, binary_data: undefined, first_line: 0 },
  };
  return fileDiff(none, { ...text, open: true, mark: null }).shown;
}

/** Copying and saving: from the lines of the page where these are the patch, else from a copy of it. */
function tools(
  bytes: Uint8Array,
  { where, text, same }: { where: string; text: string; same: boolean },
): Html {
  if (!same && bytes.length > MOST_COPIED)
    return html`<p class="size">Too large to copy from here: all of it is in ${where}.</p>`;
  const name = where.replaceAll("/", "-");
  return html`<p class="tools patch-tools" data-name="${name}"><button type="button" data-patch="copy">Copy the patch</button> <button type="button" data-patch="save">Download the patch</button> <output></output>${!same && exactCopy(bytes, text)}</p>`;
}

/** JSON of ASCII alone: a string where the bytes are text, else their base64 in an object. Read by assets/patch.js. */
function exactCopy(bytes: Uint8Array, text: string): Html {
  const json = JSON.stringify(
    isText(bytes) ? text : { base64: Buffer.from(bytes).toString("base64") },
  );
  const ascii = json.replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return html`<template>${ascii}</template>`;
}

/** Whether the bytes are UTF-8, and come out of their text again. */
function isText(bytes: Uint8Array): boolean {
  return Buffer.from(decoded(bytes)).equals(bytes);
}

/** Bytes as text to show; what is not UTF-8 shows as U+FFFD. */
export function decoded(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}
