// Owns showing patches and conflicts in colour: by file, long ones cut, every `+` and `-` kept so that colour is not needed.
import { parsePatch } from "../patch/parse.ts";
import type { PatchFile } from "../patch/patch.ts";
import type { ConflictFileText, ConflictPart } from "./conflicts.ts";
import { type Html, html, type Slot } from "./html.ts";
import { count, plural } from "./numbers.ts";

const MOST_LINES = 500;
/** Files are open initially unless there are more than this. */
const OPEN_LINES = 250;
const LONGEST_LINE = 2000;

/** Added and removed lines, and how many files. */
export function patchSize(bytes: Uint8Array): string {
  const { files } = parsePatch(bytes);
  const lines = files.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines));
  const tagged = (tag: string) => lines.filter((line) => line.tag === tag).length;
  return `${plural(files.length, "file")}, +${count(tagged("+"))} −${count(tagged("-"))} lines`;
}

/** A patch file by file. `where` names the file that has all of it. `mark` annotates a file by its path. */
export function diff(
  bytes: Uint8Array,
  where: string,
  mark: (path: string) => Slot = () => null,
): Html {
  if (bytes.length === 0) return html`<p class="missing">Empty.</p>`;
  const { files, problems } = parsePatch(bytes);
  const lines = decoded(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const open = lines.length <= OPEN_LINES;
  const shown = files.map((file, at) =>
    fileDiff(file, {
      lines: lines.slice(file.first_line, files[at + 1]?.first_line),
      where,
      open,
      mark,
    }),
  );
  const odd =
    problems.length > 0 &&
    html`<p class="verdict v-warn">${problems.slice(0, 5).join("; ")}${problems.length > 5 && ` and ${problems.length - 5} more`}</p>`;
  return html`${odd}${files.length === 0 ? coloured(lines, where) : shown}`;
}

type FileText = {
  readonly lines: readonly string[];
  readonly where: string;
  readonly open: boolean;
  readonly mark: (path: string) => Slot;
};

function fileDiff(file: PatchFile, { lines, where, open, mark }: FileText): Html {
  const path = file.new_path ?? file.old_path ?? "a file without a name";
  const renamed =
    file.old_path !== undefined && file.new_path !== undefined && file.old_path !== file.new_path
      ? ` (was ${file.old_path})`
      : "";
  const changed = file.hunks.flatMap((hunk) => hunk.lines);
  const tagged = (tag: string) => changed.filter((line) => line.tag === tag).length;
  const size = file.binary ? "binary" : `+${tagged("+")} −${tagged("-")}`;
  return html`<details class="file"${open && html` open`}><summary><code>${path}</code>${renamed} <span class="size">${size}</span> ${mark(path)}</summary>${coloured(file.binary ? lines.slice(0, 6) : lines, where)}</details>`;
}

/** Lines by their first sign; neighbours of one kind share an element. */
function coloured(lines: readonly string[], where: string): Html {
  const shown = lines.slice(0, MOST_LINES);
  const blocks: { kind: string; lines: string[] }[] = [];
  let inHunk = false;
  for (const line of shown) {
    if (line.startsWith("diff --git ")) inHunk = false;
    if (line.startsWith("@@ ")) inHunk = true;
    const kind = line.startsWith("@@ ")
      ? "hunk"
      : !inHunk
        ? "meta"
        : line.startsWith("+")
          ? "add"
          : line.startsWith("-")
            ? "cut"
            : "same";
    const last = blocks.at(-1);
    if (last?.kind === kind) last.lines.push(short(line));
    else blocks.push({ kind, lines: [short(line)] });
  }
  const rest = lines.length - shown.length;
  return html`<pre class="diff" tabindex="0">${blocks.map((block) => html`<span class="${block.kind}">${block.lines.join("\n")}\n</span>`)}${rest > 0 && html`<span class="omitted">⋯ ${plural(rest, "more line")}; all of it is in ${where} ⋯</span>`}</pre>`;
}

function short(line: string): string {
  return line.length <= LONGEST_LINE
    ? line
    : `${line.slice(0, LONGEST_LINE).toWellFormed()} ⋯ ${line.length - LONGEST_LINE} more characters`;
}

/** Bytes as text to show; what is not UTF-8 shows as U+FFFD. */
export function decoded(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** The two sides of a conflict: agents as people name them, with the place (from 1) that gives their colour. */
export type Sides = Readonly<
  Record<"ours" | "theirs", { readonly name: string; readonly place: number }>
>;

/** The conflicting regions of a file, both sides under their agents' names. */
export function conflictFile({ path, kind, parts }: ConflictFileText, sides: Sides): Html {
  const shown = parts.map(
    (part, at) => html`<li>${conflictRegion(part, sides, `${path}, region ${at + 1}`)}</li>`,
  );
  const regions =
    parts.length === 0
      ? html`<p class="missing">A conflict without markers: git cannot put both sides into one text.</p>`
      : html`<ol class="regions">${shown}</ol>`;
  return html`<section class="conflict"><h3><code>${path}</code> <span class="tag">${kind}</span> ${plural(parts.length, "region")}</h3>${regions}</section>`;
}

function conflictRegion(part: ConflictPart, { theirs, ours }: Sides, label: string): Html {
  const around = (lines: readonly string[]) =>
    lines.length > 0 && html`<span class="same">${cut(lines)}</span>`;
  const side = ({ name, place }: Sides["ours"], lines: readonly string[]) =>
    html`<span class="side a${place}"><span class="side-name">${name}</span><span class="side-text">${lines.length === 0 ? "(no line)\n" : cut(lines)}</span></span>`;
  return html`<pre class="diff region" tabindex="0" role="group" aria-label="${label}">${around(part.before)}<span class="sides">${side(theirs, part.theirs)}${side(ours, part.ours)}</span>${around(part.after)}</pre>`;
}

function cut(lines: readonly string[]): string {
  const kept = lines.slice(0, MOST_LINES);
  const rest = lines.length - kept.length;
  return `${kept.map(short).join("\n")}${rest > 0 ? `\n⋯ ${plural(rest, "more line")} ⋯` : ""}\n`;
}
