// Owns what a patch says about its base: known lines and edits, in the base's own line numbers.
import type { FileKind, Hunk } from "./parse.ts";
import type { Patch, PatchFile } from "./patch.ts";

/** A base line that a hunk shows: its 1-based number and its text (a byte string). */
export type KnownLine = { readonly number: number; readonly text: string };
/**
 * A change without the context around it: lines come and go in the gap behind base line `after` (0: in front of
 * the first). `removed` are numbers of base lines, `added` are byte strings.
 */
export type Edit = {
  readonly after: number;
  readonly removed: readonly number[];
  readonly added: readonly string[];
};
/**
 * What one hunk says about the base file. `ends_at`: the hunk shows that the file ends after this line
 * (0: the file is empty); `no_newline`: and that its final newline is missing.
 */
export type Run = {
  readonly known: readonly KnownLine[];
  readonly edits: readonly Edit[];
  readonly section: string;
  readonly ends_at: number | undefined;
  readonly no_newline: boolean;
};
/** A base file as one patch sees it. */
export type FileRuns = {
  readonly path: string;
  readonly kind: FileKind;
  readonly mode: string | undefined;
  readonly runs: readonly Run[];
  readonly file: PatchFile;
};

/** Lines of context that git shows when the file has them. */
const CONTEXT = 3;
/** Times one patch may change the same file before its later hunks are no longer traced back to the base. */
const MOST_STEPS = 40;

/**
 * The base files that a patch touches. Files it adds are left out. A file that occurs twice (two commits
 * in one patch) is patched in order, as `git apply` does: the later hunks' numbers are taken back through
 * the earlier ones, and lines that the patch itself added are not base lines.
 */
export function baseRuns(patch: Patch): FileRuns[] {
  const origins = new Map<string, Origin>();
  const found: FileRuns[] = [];
  for (const file of patch.files) {
    const origin = originOf(file, origins);
    if (origin !== "made here") found.push(fileRuns(file, origin));
    if (file.new_path !== undefined) origins.set(file.new_path, after(file, origin));
    if (file.kind === "delete" && file.old_path !== undefined)
      origins.set(file.old_path, "made here");
  }
  return found;
}

type Origin = { readonly path: string; readonly earlier: readonly PatchFile[] } | "made here";

function originOf(file: PatchFile, origins: ReadonlyMap<string, Origin>): Origin {
  if (file.old_path === undefined) return "made here";
  // Renames and copies read the base, whatever the patch did to that file before.
  const known =
    file.kind === "modify" || file.kind === "delete" ? origins.get(file.old_path) : undefined;
  return known ?? { path: file.old_path, earlier: [] };
}

function after(file: PatchFile, origin: Origin): Origin {
  if (origin === "made here" || origin.earlier.length >= MOST_STEPS) return "made here";
  return { path: origin.path, earlier: [...origin.earlier, file] };
}

function fileRuns(file: PatchFile, origin: Exclude<Origin, "made here">): FileRuns {
  const shown = file.hunks.reduce((most, hunk) => Math.max(most, contextOf(hunk).most), 0);
  const back = origin.earlier.map(numbersBefore).reverse();
  const runs = file.hunks.map((hunk) => readRun(hunk, Math.min(CONTEXT, shown), back));
  if (showsEmpty(file) && origin.earlier.length === 0) runs.push(EMPTY);
  const mode = origin.earlier.length === 0 ? file.old_mode : origin.earlier[0]?.old_mode;
  return { path: origin.path, kind: file.kind, mode, runs, file };
}

/** A deleted file without a hunk had nothing to take away. */
function showsEmpty({ kind, binary, hunks }: PatchFile): boolean {
  return kind === "delete" && !binary && hunks.length === 0;
}

const EMPTY: Run = { known: [], edits: [], section: "", ends_at: 0, no_newline: false };

type NumberMap = (number: number) => number | undefined;

function readRun(hunk: Hunk, shown: number, back: readonly NumberMap[]): Run {
  const toBase: NumberMap = (number) =>
    back.reduce<number | undefined>((at, map) => (at === undefined ? at : map(at)), number);
  const known: KnownLine[] = [];
  const edits: { after: number; removed: number[]; added: string[] }[] = [];
  let [number, no_newline, editing] = [firstOldLine(hunk), false, false];
  for (const line of hunk.lines) {
    const base = line.tag === "+" ? undefined : toBase(number);
    if (line.tag !== " " && !editing) {
      const after = known.at(-1)?.number ?? toBase(number - 1) ?? number - 1;
      edits.push({ after, removed: [], added: [] });
    }
    editing = line.tag !== " ";
    if (line.tag === "+") edits.at(-1)?.added.push(line.text);
    else {
      number++;
      no_newline ||= line.no_newline;
    }
    if (base === undefined) continue;
    known.push({ number: base, text: line.text });
    if (line.tag === "-") edits.at(-1)?.removed.push(base);
  }
  const ends_at = no_newline || showsEnd(hunk, shown) ? toBase(number - 1) : undefined;
  return { known, edits, section: hunk.section, ends_at, no_newline };
}

/** A hunk without old lines names the line in front of it, any other its own first line. */
function firstOldLine(hunk: Hunk): number {
  return hunk.old_lines === 0 ? hunk.old_start + 1 : hunk.old_start;
}

/**
 * The file ends below a hunk with less trailing context than is found anywhere in the file's hunks, as git shows
 * all it can; and below one with none, which `git apply` takes at the end of the file only.
 */
function showsEnd(hunk: Hunk, shown: number): boolean {
  const { trailing } = contextOf(hunk);
  return trailing === 0 || trailing < shown;
}

function contextOf(hunk: Hunk): { trailing: number; most: number } {
  const leading = hunk.lines.findIndex((line) => line.tag !== " ");
  const trailing = hunk.lines.length - 1 - hunk.lines.findLastIndex((line) => line.tag !== " ");
  return { trailing, most: Math.max(leading, trailing) };
}

/** Line numbers after `file` to those before it; undefined for lines that it adds. */
function numbersBefore(file: PatchFile): NumberMap {
  const inside = new Map<number, number | undefined>();
  const shifts: { from: number; shift: number }[] = [{ from: 0, shift: 0 }];
  for (const hunk of file.hunks) {
    let old = firstOldLine(hunk);
    let fresh = hunk.new_lines === 0 ? hunk.new_start + 1 : hunk.new_start;
    for (const line of hunk.lines) {
      if (line.tag !== "-") inside.set(fresh++, line.tag === " " ? old : undefined);
      if (line.tag !== "+") old++;
    }
    shifts.push({ from: fresh, shift: old - fresh });
  }
  return (number) => {
    if (inside.has(number)) return inside.get(number);
    return number + (shifts[lastAtMost(shifts, number)]?.shift ?? 0);
  };
}

function lastAtMost(shifts: readonly { from: number }[], number: number): number {
  let [low, high] = [0, shifts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((shifts[middle]?.from ?? 0) <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}
