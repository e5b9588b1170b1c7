// Owns which lines of the base a patch changes, and which changes of two attempts meet there.
import type { Patch, PatchFile } from "../patch/patch.ts";
import { baseRuns, type Edit } from "../patch/runs.ts";

/** Lines of the base that a change takes away, from `from` to before `to`; none are the gap in front of `from`. */
export type Lines = { readonly from: number; readonly to: number };

/**
 * Whether two changes meet: they take away a line in common, or one adds lines in a gap that the other fills too, or
 * beside a line that the other takes away. That is where a merge cannot keep both as they are.
 */
export function meet(one: Lines, other: Lines): boolean {
  const [from, to] = [Math.max(one.from, other.from), Math.min(one.to, other.to)];
  const gap = one.from === one.to || other.from === other.to;
  return gap ? from <= to : from < to;
}

/** What a file's hunks change, one list per hunk; the path is that of the base, or of a file that is new. */
export type FileLines = {
  readonly file: PatchFile;
  readonly path: string;
  readonly hunks: readonly (readonly Lines[])[];
};

/** By file, in the patch's order. Files that are made twice by the patch are not of the base the second time. */
export function linesOf(patch: Patch): FileLines[] {
  const runs = new Map(baseRuns(patch).map((found) => [found.file, found]));
  return patch.files.map((file) => {
    const found = runs.get(file);
    const path = found?.path ?? file.new_path ?? file.old_path ?? "";
    if (found !== undefined)
      return { file, path, hunks: found.runs.map((run) => run.edits.map(taken)) };
    const made = file.kind === "add" ? [{ from: 1, to: 1 }] : [];
    return { file, path, hunks: file.hunks.map(() => made) };
  });
}

function taken({ after, removed }: Edit): Lines {
  const [first, last] = [removed[0], removed.at(-1)];
  if (first === undefined || last === undefined) return { from: after + 1, to: after + 1 };
  return { from: first, to: last + 1 };
}

/** All changes to a path, of several patches of one attempt. */
export type ByPath = ReadonlyMap<string, readonly Lines[]>;

export function changesByPath(patches: readonly (readonly FileLines[])[]): ByPath {
  const groups = Map.groupBy(patches.flat(), ({ path }) => path);
  return new Map(
    [...groups].map(([path, files]) => [path, files.flatMap((file) => file.hunks.flat())]),
  );
}

/** The numbers of those attempts, without `own`, that change lines which this hunk changes too. */
export function alsoChangedBy(
  hunk: readonly Lines[],
  { path, own, attempts }: { path: string; own: number; attempts: readonly ByPath[] },
): number[] {
  return attempts.flatMap((changes, at) => {
    const theirs = changes.get(path) ?? [];
    return at !== own && hunk.some((one) => theirs.some((other) => meet(one, other))) ? [at] : [];
  });
}
