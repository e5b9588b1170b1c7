// Owns the traits of a pair: how closely the patches of its features are coupled, before anything is merged.
import { sumOf } from "../core/lists.ts";
import type { Patch } from "../patch/patch.ts";
import { baseRuns, type Edit } from "../patch/runs.ts";

/**
 * How two patches meet. Line numbers are the base's, as the patches state them (a file that one patch changes
 * twice is traced back). A file is common when both change the same base file, or both add it.
 */
export type Coupling = {
  /** Paths named by both / paths named by either, old and new ones; 0 when there are none. */
  readonly file_jaccard: number;
  /** Base lines that both remove or replace. */
  readonly shared_base_lines: number;
  /**
   * Gaps between base lines that both anchor an insertion in. An insertion has the gap it stands in; a
   * replacement the two around the lines it replaces; an added file the one at its start.
   */
  readonly shared_anchors: number;
  /** Untouched base lines between the nearest changes of a common file; 0 when they touch, null without a common file. */
  readonly min_hunk_distance: number | null;
  /** In a common file, hunks of both stand under the same heading (the text behind the second @@). */
  readonly same_scope: boolean;
  /** Both add a definition of a name that they do not also remove: a new symbol, not a changed signature. */
  readonly same_new_symbol: boolean;
};

type View = {
  readonly paths: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, FileView>;
  readonly symbols: ReadonlySet<string>;
};
type FileView = { readonly edits: Edit[]; readonly sections: Set<string> };

const MODIFIERS =
  "export|default|declare|pub(?:\\([a-z]+\\))?|public|private|protected|abstract|static|async|unsafe";
const KEYWORDS =
  "def|class|func|fn|function\\*?|const|type|interface|struct|enum|trait|macro_rules!";
const DEFINITION = new RegExp(
  `^[ \\t]*(?:(?:${MODIFIERS})[ \\t]+)*(?:${KEYWORDS})[ \\t]+(?:\\([^)]*\\)[ \\t]*)?([A-Za-z_$\\x80-\\xff][\\w$\\x80-\\xff]*)`,
);

/** The coupling of two patches. A shared base line or anchor is a near-certain merge conflict. */
export function coupling(patch1: Patch, patch2: Patch): Coupling {
  return couplingOfViews(viewOf(patch1), viewOf(patch2));
}

/**
 * The coupling of two or more patches, reduced over all pairs of them: the closest pair counts for
 * `file_jaccard` (largest) and `min_hunk_distance` (smallest), lines and anchors are summed, the rest is "any".
 */
export function couplingOf(patches: readonly Patch[]): Coupling {
  const views = patches.map(viewOf);
  const pairs = views.flatMap((left, at) =>
    views.slice(at + 1).map((right) => couplingOfViews(left, right)),
  );
  const distances = pairs.flatMap(({ min_hunk_distance }) => min_hunk_distance ?? []);
  return {
    file_jaccard: Math.max(0, ...pairs.map(({ file_jaccard }) => file_jaccard)),
    shared_base_lines: sumOf(pairs, (pair) => pair.shared_base_lines),
    shared_anchors: sumOf(pairs, (pair) => pair.shared_anchors),
    min_hunk_distance: distances.length === 0 ? null : Math.min(...distances),
    same_scope: pairs.some(({ same_scope }) => same_scope),
    same_new_symbol: pairs.some(({ same_new_symbol }) => same_new_symbol),
  };
}

function couplingOfViews(left: View, right: View): Coupling {
  const all = left.paths.union(right.paths).size;
  const common = [...left.files].flatMap(([path, mine]) => {
    const theirs = right.files.get(path);
    return theirs ? [{ mine, theirs }] : [];
  });
  const distances = common.map(({ mine, theirs }) => distance(mine.edits, theirs.edits));
  const nearest = distances.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return {
    file_jaccard: all === 0 ? 0 : left.paths.intersection(right.paths).size / all,
    shared_base_lines: countShared(common, (edit) => edit.removed),
    shared_anchors: countShared(common, anchorsOf),
    min_hunk_distance: Number.isFinite(nearest) ? nearest : null,
    same_scope: common.some(({ mine, theirs }) => !mine.sections.isDisjointFrom(theirs.sections)),
    same_new_symbol: !left.symbols.isDisjointFrom(right.symbols),
  };
}

function countShared(
  common: readonly { readonly mine: FileView; readonly theirs: FileView }[],
  numbersOf: (edit: Edit) => readonly number[],
): number {
  return common.reduce((sum, { mine, theirs }) => {
    const numbers = new Set(mine.edits.flatMap(numbersOf));
    return sum + numbers.intersection(new Set(theirs.edits.flatMap(numbersOf))).size;
  }, 0);
}

function anchorsOf(edit: Edit): number[] {
  return edit.added.length === 0 ? [] : [edit.after, endOf(edit)];
}

function endOf(edit: Edit): number {
  return edit.removed.at(-1) ?? edit.after;
}

/** One sweep over both sides' edits from the top: each against the furthest end of the other side so far. */
function distance(mine: readonly Edit[], theirs: readonly Edit[]): number {
  const sides = [mine, theirs].flatMap((edits, side) =>
    edits.map((edit) => ({ side, start: edit.after, end: endOf(edit) })),
  );
  const reached = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let nearest = Number.POSITIVE_INFINITY;
  for (const { side, start, end } of sides.sort((a, b) => a.start - b.start)) {
    nearest = Math.min(nearest, Math.max(0, start - (reached[1 - side] ?? start)));
    reached[side] = Math.max(reached[side] ?? end, end);
  }
  return nearest;
}

function viewOf(patch: Patch): View {
  const files = new Map<string, FileView>();
  const fileAt = (path: string) => {
    const file = files.get(path) ?? { edits: [], sections: new Set() };
    files.set(path, file);
    return file;
  };
  for (const { path, runs } of baseRuns(patch)) {
    const { edits, sections } = fileAt(path);
    for (const run of runs) {
      for (const edit of run.edits) edits.push(edit);
      if (run.section !== "") sections.add(run.section);
    }
  }
  for (const { kind, new_path } of patch.files)
    if (kind === "add" && new_path !== undefined)
      fileAt(new_path).edits.push({ after: 0, removed: [], added: [""] });
  const paths = patch.files.flatMap(({ old_path, new_path }) => [old_path ?? [], new_path ?? []]);
  return { paths: new Set(paths.flat()), files, symbols: newSymbols(patch) };
}

function newSymbols(patch: Patch): ReadonlySet<string> {
  const names = { "+": new Set<string>(), "-": new Set<string>(), " ": new Set<string>() };
  for (const line of patch.files.flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines))) {
    const name = line.tag === " " ? undefined : DEFINITION.exec(line.text)?.[1];
    if (name !== undefined) names[line.tag].add(name);
  }
  return names["+"].difference(names["-"]);
}
