// Owns aligning the patches of several attempts by file: one row per file of the base, with each attempt's changes to it.
import type { AttemptWork } from "../../db/pages.ts";
import { type PatchText, patchText } from "./diff.ts";
import { type ByPath, changesByPath, type FileLines, linesOf } from "./side-overlap.ts";

/** A patch under the name of who handed it in, or of the merge. */
export type NamedPatch = {
  readonly name: string;
  readonly patch: PatchText;
  readonly lines: readonly FileLines[];
};
export type SidePatches = {
  readonly handed: readonly NamedPatch[];
  /** What git made of them; undefined where there is none, as for one agent alone. */
  readonly merged: NamedPatch | undefined;
  readonly changes: ByPath;
};
/** One attempt's text about one file; `number` is the file's place in the patch. */
export type SideFile = { readonly of: NamedPatch; readonly number: number };
export type SideCell = {
  readonly attempt: number;
  readonly handed: readonly (SideFile & {
    /** The merge changes the file in the same way. */ readonly as_merged: boolean;
  })[];
  readonly merged: readonly SideFile[];
};
export type SideRow = { readonly path: string; readonly cells: readonly SideCell[] };

/** The patches of an attempt, as handed in and as merged. */
export function sidePatches(
  page: Pick<AttemptWork, "agents" | "merges">,
  bytesOf: ReadonlyMap<string, Uint8Array>,
): SidePatches {
  const handed = page.agents.flatMap(
    ({ agent_id, patch }) => named(agent_id, bytesOf.get(patch)) ?? [],
  );
  const [naive, union] = (["naive", "union"] as const).map((strategy) =>
    page.merges.find((row) => row.strategy === strategy),
  );
  const merge = naive?.status === "clean" ? naive : union;
  const diff = merge?.diff ?? undefined;
  const merged =
    merge && diff !== undefined ? named(`${merge.strategy} merge`, bytesOf.get(diff)) : undefined;
  return { handed, merged, changes: changesByPath(handed.map(({ lines }) => lines)) };
}

function named(name: string, bytes: Uint8Array | undefined): NamedPatch | undefined {
  if (bytes === undefined) return undefined;
  const patch = patchText(bytes);
  return { name, patch, lines: linesOf(patch.patch) };
}

/** Rows by path; a cell for each attempt that touches the file. */
export function alignedFiles(attempts: readonly SidePatches[]): SideRow[] {
  const rows = new Map<string, SideCell[]>();
  for (const [attempt, { handed, merged }] of attempts.entries()) {
    const own = Map.groupBy(handed.flatMap(filesOf), pathOfFile);
    const made = Map.groupBy(merged === undefined ? [] : filesOf(merged), pathOfFile);
    for (const path of new Set([...own.keys(), ...made.keys()])) {
      const files = made.get(path) ?? [];
      const texts = new Set(files.map(textOf));
      const cell: SideCell = {
        attempt,
        handed: (own.get(path) ?? []).map((file) => ({
          ...file,
          as_merged: merged === undefined || (files.length === 1 && texts.has(textOf(file))),
        })),
        merged: files,
      };
      rows.set(path, [...(rows.get(path) ?? []), cell]);
    }
  }
  return [...rows]
    .map(([path, cells]) => ({ path, cells }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesOf(of: NamedPatch): SideFile[] {
  return of.lines.map((_, number) => ({ of, number }));
}

function pathOfFile({ of, number }: SideFile): string {
  return of.lines[number]?.path ?? "";
}

/** Without git's hashes, of which a longer or a shorter form may stand in the patch. */
function textOf({ of, number }: SideFile): string {
  const lines = of.patch.files[number]?.lines ?? [];
  return lines.filter((line) => !line.startsWith("index ")).join("\n");
}
