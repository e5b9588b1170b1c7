// Owns the anatomy of a conflict: sections and lines between git's markers, score and severity.
import { sumOf } from "../core/lists.ts";
import type { TreeMerge } from "./plumbing.ts";

const CONFLICT = /^CONFLICT \(([^)]*)\)/;
export const SEVERITIES = ["none", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];
/** `kind` is git's word: content, add/add, modify/delete, rename/delete, binary, file/directory, … */
export type ConflictFile = {
  readonly path: string;
  readonly kind: string;
  readonly sections: number;
  readonly lines: number;
};
/** Sums over `files`. `lines` are those between the markers, separator left out; score has no unit. */
export type Anatomy = {
  readonly sections: number;
  readonly lines: number;
  readonly score: number;
  readonly severity: Severity;
  readonly files: readonly ConflictFile[];
};

/**
 * Counts conflict sections and the lines of both sides in a file that git merged. With `labels` (the names
 * that git put behind the markers) only lines with exactly those count as markers, so content that itself
 * shows conflict markers is not miscounted. More ======= lines than one between the markers are content:
 * whichever is the separator, the sum is the same. A base part (||||||| …) is not counted.
 */
export function countSections(
  content: Uint8Array,
  labels?: { readonly ours: string; readonly theirs: string },
): { readonly sections: number; readonly lines: number } {
  const total = { sections: 0, lines: 0 };
  let open: { part: "ours" | "base" | "theirs"; lines: number } | undefined;
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString(
    "latin1",
  );
  for (const raw of text.split("\n")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (open?.part !== "theirs" && isMarker(line, "<", labels?.ours)) {
      open = { part: "ours", lines: 0 };
      continue;
    }
    if (!open) continue;
    if (open.part === "theirs" && isMarker(line, ">", labels?.theirs)) {
      total.sections++;
      total.lines += open.lines;
      open = undefined;
    } else if (open.part === "ours" && line.startsWith("||||||| ")) open.part = "base";
    else if (open.part !== "theirs" && line === "=======") open.part = "theirs";
    else if (open.part !== "base") open.lines++;
  }
  return total;
}

/**
 * Score = 20·sections + 2·lines; above 100 critical, 50 high, 20 medium, 0 low. A file in conflict without
 * markers (modify/delete, binary, …) counts as one section of 0 lines.
 */
export function anatomyOf(files: readonly ConflictFile[]): Anatomy {
  const sections = sumOf(files, (file) => file.sections);
  const lines = sumOf(files, (file) => file.lines);
  const score = 20 * sections + 2 * lines;
  return { sections, lines, score, severity: severityOf(score), files };
}

/** The conflicted files of one merge; `contents` are its conflicted files by path, in the tree with markers. */
export function conflictFiles(
  merge: TreeMerge,
  contents: ReadonlyMap<string, Uint8Array | undefined>,
  labels: { readonly ours: string; readonly theirs: string },
): ConflictFile[] {
  return conflictedPaths(merge).map((path) => {
    const content = contents.get(path);
    const found = content === undefined ? undefined : countSections(content, labels);
    const counts = found && found.sections > 0 ? found : { sections: 1, lines: 0 };
    return { path, kind: kindOf(merge, path), ...counts };
  });
}

/** Paths in conflict: those left unmerged; for a conflict that leaves none, the one its message names. */
export function conflictedPaths(merge: TreeMerge): readonly string[] {
  if (merge.clean || merge.conflicted.length > 0) return merge.clean ? [] : merge.conflicted;
  const named = merge.messages.filter(isConflict).flatMap((message) => message.paths.slice(0, 1));
  return [...new Set(named)];
}

function kindOf(merge: TreeMerge, path: string): string {
  const messages = merge.messages.filter(isConflict);
  const message =
    messages.find(({ paths }) => paths[0] === path) ??
    messages.find(({ paths }) => paths.includes(path));
  // The text tells add/add from content; where it has no such word (binary), git's stable type does.
  const named = [message?.text, message?.type].map((text) => CONFLICT.exec(text ?? "")?.[1]);
  return named.find((kind) => kind !== undefined) ?? "other";
}

function isConflict(message: { readonly type: string }): boolean {
  return message.type.startsWith("CONFLICT");
}

function severityOf(score: number): Severity {
  if (score > 100) return "critical";
  if (score > 50) return "high";
  if (score > 20) return "medium";
  return score > 0 ? "low" : "none";
}

/** Seven marks, a space, and the label; after a rename git adds `:<path>` to it. */
function isMarker(line: string, mark: "<" | ">", label: string | undefined): boolean {
  const start = `${mark.repeat(7)} `;
  if (!line.startsWith(start)) return false;
  const rest = line.slice(start.length);
  return label === undefined || rest === label || rest.startsWith(`${label}:`);
}
