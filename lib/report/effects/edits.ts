// Owns which files an agent's steps wrote, by rule, from the calls of its tools. Pure.
import { commandIn } from "../../core/shell-calls.ts";
import type { FileEdit, StepCall } from "./effect.ts";
import { isMeant, type KnownPaths, pathsNamed } from "./paths.ts";
import { writtenBy } from "./shell.ts";

/** Words of the names of tools that write: Edit, MultiEdit, write_file, str_replace_editor, apply_patch. */
const EDITORS: ReadonlySet<string> = new Set(
  "edit multiedit write replace create insert patch append update delete remove move".split(" "),
);
const PATHS = [
  "path",
  "file_path",
  "filepath",
  "filePath",
  "file",
  "filename",
  "target_file",
  "notebook_path",
] as const;
const PATCHES = ["input", "patch", "diff", "patchText"] as const;
/** A tool with several uses names the one that only looks. */
const LOOKS = /^(?:view|read|open|list|search|undo_edit)$/;
/** The agents' own: what they hand in, and what is outside the repository. */
const NOT_THEIRS = /^(?:patch\.txt|patch\.diff)$|^\/(?:tmp|dev|proc|patches)\//;

/** The edits of calls, in their order; a file that a step writes twice is one edit. */
export function editsIn(calls: readonly StepCall[], known: KnownPaths): FileEdit[] {
  const seen = new Set<string>();
  return calls.flatMap(({ agent_id, step, ...call }) =>
    writtenIn(call).flatMap((word): FileEdit[] => {
      const path = fileOf(word, known);
      const key = JSON.stringify([agent_id, step, path]);
      if (path === undefined || seen.has(key)) return [];
      seen.add(key);
      return [{ agent_id, step, path }];
    }),
  );
}

function writtenIn(call: Omit<StepCall, "agent_id" | "step">): string[] {
  const command = commandIn(call);
  if (command !== undefined) return writtenBy(command);
  const words = call.name
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/);
  if (!words.some((word) => EDITORS.has(word))) return [];
  const { command: use } = call.arguments;
  if (typeof use === "string" && LOOKS.test(use)) return [];
  const texts = (names: readonly string[]) =>
    names.flatMap((name) =>
      typeof call.arguments[name] === "string" ? [String(call.arguments[name])] : [],
    );
  const patched = texts(PATCHES).flatMap((text) => writtenBy(`git apply\n${text}`));
  return [...texts(PATHS), ...patched];
}

/** The file of the repository that a written word is; undefined for others and for folders. */
function fileOf(word: string, known: KnownPaths): string | undefined {
  if (NOT_THEIRS.test(word)) return undefined;
  const [path, ...others] = pathsNamed(word, known);
  if (path === undefined || others.length > 0 || path.endsWith("/") || path.includes("*"))
    return undefined;
  return path.startsWith("/") && !known.has(path) ? undefined : path;
}

/** The first edit of a file that a name means. */
export function firstEdit(edits: readonly FileEdit[], named: string): FileEdit | undefined {
  return edits.find(({ path }) => isMeant(named, path));
}
