// Owns which paths and links of a patch are refused: everything that would leave the tree or enter .git.
import type { PatchFile } from "./patch.ts";

const SYMLINK = "120000";

/** Why the path must not be written, or undefined. The same rules as git's own check of index paths. */
export function pathProblem(path: string): string | undefined {
  if (path.startsWith("/")) return `path "${path}" is absolute`;
  if (path.includes("\0")) return "path holds a NUL byte";
  for (const part of path.split("/")) {
    if (part === "" || part === "." || part === "..")
      return `path "${path}" has the component "${part}"`;
    if (isGitFolder(part)) return `path "${path}" enters a repository's own files ("${part}")`;
  }
  return undefined;
}

/** Why a symbolic link made by this file points out of the tree, or undefined when it does not. */
export function symlinkProblem(file: PatchFile): string | undefined {
  if (file.new_mode !== SYMLINK || file.new_path === undefined) return undefined;
  const added = file.hunks.flatMap((hunk) => hunk.lines.filter((line) => line.tag === "+"));
  const target = added.map((line) => line.text).join("\n");
  let depth = file.new_path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) break;
  }
  if (!target.startsWith("/") && depth >= 0) return undefined;
  return `symbolic link "${file.new_path}" points out of the tree ("${target.slice(0, 200)}")`;
}

/** `.git` as any file system may spell it: case, trailing dots and spaces, NTFS streams and its short name. */
function isGitFolder(part: string): boolean {
  return /^(?:\.git|git~1)[. ]*(?:$|[:\\])/i.test(part);
}
