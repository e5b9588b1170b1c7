// Owns reading a patch: git's unified diff format as data, without losing a byte and without ever throwing.
import { readBinary } from "./binary.ts";
import { type FileHead, readGitHead, readPlainHead, showsNoPrefix } from "./header.ts";
import type { Strip } from "./header-names.ts";
import { readHunks } from "./hunks.ts";
import type { Patch, PatchFile } from "./patch.ts";
import { pathProblem, shownPath, symlinkProblem } from "./refuse.ts";

export type { FileKind } from "./header.ts";
export type { Hunk, HunkLine } from "./hunks.ts";

/** Reads a git-format unified diff; text around it (mail headers, signatures) is skipped as git does. Linear, never throws. */
export function parsePatch(bytes: Uint8Array): Patch {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const files: PatchFile[] = [];
  const problems: string[] = [];
  let at = 0;
  let strip: Strip = 1;
  while (at < lines.length) {
    // The first pair of names without a prefix is taken for the habit of the whole patch.
    if (isPlainHead(lines, at) && showsNoPrefix(lines, at)) strip = 0;
    const head = readHead(lines, at, strip);
    if (!head) {
      if (/^@@ -\d/.test(lines[at] ?? ""))
        problems.push(`line ${at + 1}: hunk without a file header`);
      at++;
      continue;
    }
    const hasFields = head.next > at + 1;
    const body = readBody(lines, head.next, hasFields);
    const file = { ...head.head, ...body.file, first_line: at };
    files.push(file);
    const bare = !hasFields && file.hunks.length > 0 ? ["hunk directly below `diff --git`"] : [];
    const found = [head.problem ?? [], headProblems(file, head.traditional), body.problems, bare];
    for (const problem of found.flat()) problems.push(`line ${at + 1}: ${problem}`);
    at = Math.max(body.next, at + 1);
  }
  if (files.length === 0 && !isBlank(bytes)) problems.push("no file header (`diff --git …`) in it");
  return { files, problems };
}

/** Why this patch would be refused, one line each; empty when it is good or empty. Never throws. */
export function patchProblems(bytes: Uint8Array): readonly string[] {
  return parsePatch(bytes).problems;
}

/** Added and removed lines over all files; binary files count nothing. */
export function changedLines(patch: Patch): { readonly added: number; readonly removed: number } {
  let added = 0;
  let removed = 0;
  for (const file of patch.files)
    for (const hunk of file.hunks)
      for (const line of hunk.lines) {
        if (line.tag === "+") added++;
        else if (line.tag === "-") removed++;
      }
  return { added, removed };
}

/** True when it has no bytes but white space. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || (byte >= 9 && byte <= 13));
}

type Head = {
  readonly head: FileHead;
  readonly next: number;
  readonly problem: string | undefined;
  readonly traditional: boolean;
};

function readHead(lines: readonly string[], at: number, strip: Strip): Head | undefined {
  if (lines[at]?.startsWith("diff --git "))
    return { ...readGitHead(lines, at, strip), traditional: false };
  if (!isPlainHead(lines, at)) return undefined;
  const head = readPlainHead(lines, at, strip);
  return { head, next: at + 2, problem: undefined, traditional: true };
}

function isPlainHead(lines: readonly string[], at: number): boolean {
  const [from = "", to = "", hunk = ""] = [lines[at], lines[at + 1], lines[at + 2]];
  return /^--- ./s.test(from) && to.startsWith("+++ ") && hunk.startsWith("@@ -");
}

type Body = {
  readonly file: Pick<PatchFile, "binary" | "binary_data" | "hunks">;
  readonly problems: readonly string[];
  readonly next: number;
};

/** Data right below a bare `diff --git` line belongs to nothing: git reads on in it, and so must we. */
function readBody(lines: readonly string[], start: number, hasFields: boolean): Body {
  const stray = !hasFields && lines[start] === "GIT binary patch";
  const binary = stray ? undefined : readBinary(lines, start);
  if (binary) {
    const problems = binary.problem === undefined ? [] : [binary.problem];
    const file = { binary: true, binary_data: binary.data, hunks: [] };
    return { file, problems, next: binary.next };
  }
  const { hunks, problems, next } = readHunks(lines, start);
  return { file: { binary: false, binary_data: undefined, hunks }, problems, next };
}

function headProblems(file: PatchFile, traditional: boolean): string[] {
  const { old_path, new_path, kind } = file;
  const problems: string[] = [];
  const missing =
    kind === "add" ? !new_path : kind === "delete" ? !old_path : !old_path || !new_path;
  if (missing) problems.push("no file name left after its first component (a/, b/)");
  for (const path of new Set([old_path, new_path])) {
    const problem = path === undefined ? undefined : pathProblem(path);
    if (problem !== undefined) problems.push(problem);
  }
  const link = symlinkProblem(file);
  if (link !== undefined) problems.push(link);
  const metadata = kind !== "modify" || file.old_mode !== file.new_mode;
  if (!traditional && !metadata && !file.binary && file.hunks.length === 0)
    problems.push(`no change to ${shownPath(old_path ?? "?")} below its header`);
  return problems;
}
