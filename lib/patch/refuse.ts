// Owns which paths and links of a patch are refused: everything that would leave the tree or enter .git.
import type { PatchFile } from "./patch.ts";

const SYMLINK = "120000";
const LONGEST_SHOWN = 200;

/** Why the path must not be written, or undefined. The same rules as git's own check of index paths. */
export function pathProblem(path: string): string | undefined {
  const shown = shownPath(path);
  if (path.startsWith("/")) return `path ${shown} is absolute`;
  if (path.includes("\0")) return "path holds a NUL byte";
  for (const part of path.split("/")) {
    if (part === "" || part === "." || part === "..")
      return `path ${shown} has the component "${part}"`;
    if (isGitFolder(part))
      return `path ${shown} enters a repository's own files (${shownPath(part)})`;
  }
  return undefined;
}

/** Why a symbolic link made by this file points out of the tree, or undefined when it does not. */
export function symlinkProblem(file: PatchFile): string | undefined {
  if (file.new_mode !== SYMLINK || file.new_path === undefined) return undefined;
  const kept = file.hunks.flatMap((hunk) => hunk.lines.filter((line) => line.tag !== "-"));
  const target = kept.map((line) => line.text).join("\n");
  let depth = file.new_path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) break;
  }
  if (!target.startsWith("/") && depth >= 0) return undefined;
  const link = shownPath(file.new_path);
  return `symbolic link ${link} points out of the tree (${shownPath(target)})`;
}

/** In quotes, on one line, and no longer than anybody reads. */
export function shownPath(path: string): string {
  return JSON.stringify(path.slice(0, LONGEST_SHOWN));
}

/** `.git` as any file system may spell it: case, trailing dots and spaces, NTFS streams and its short name. */
function isGitFolder(part: string): boolean {
  return /^(?:\.git|git~1)[. ]*(?:$|[:\\])/i.test(part);
}
