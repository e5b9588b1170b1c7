// Owns base trees made from patches: just enough of the old files for every hunk to find its lines.

import { sha256 } from "../core/files.ts";
import { sum } from "../core/lists.ts";
import { endOf, type KnownFile, knownFile, lastKnown, place } from "../patch/base-lines.ts";
import { decodeLiteral } from "../patch/binary.ts";
import type { Patch } from "../patch/patch.ts";
import { pathBytes } from "../patch/quote.ts";
import { pathProblem } from "../patch/refuse.ts";
import { baseRuns, type FileRuns } from "../patch/runs.ts";

/** `content` in bytes; `mode` is git's octal string, such as "100644". */
export type BaseFile = { readonly content: Uint8Array; readonly mode: string };
/**
 * Paths in byte order. `unknown` lists base files that the patches touch but do not show (binary deltas,
 * submodules, refused paths, absurd line numbers): they are absent, so patches on them do not apply.
 */
export type BaseTree = {
  readonly files: ReadonlyMap<string, BaseFile>;
  readonly unknown: readonly string[];
};

/** Unknown lines behind the last known one, where no hunk shows the end of the file. */
const TRAILING_FILLER = 20;
/** Filler over all files: far above what real patches need, far below what a made-up line number could cost. */
const MOST_FILLER_BYTES = 64 * 2 ** 20;

/**
 * The smallest plausible tree on which the patches apply: known lines at their numbers, filler lines (unique
 * for path and number, so no diff can match them elsewhere) between them. Where patches contradict each
 * other, the ones that most agree with stand and the others are placed by their context. Deterministic.
 */
export function baseFromPatches(patches: readonly Patch[]): BaseTree {
  const views = new Map<string, FileRuns[]>();
  for (const patch of patches)
    for (const view of baseRuns(patch)) {
      const there = views.get(view.path);
      if (there) there.push(view);
      else views.set(view.path, [view]);
    }
  const files = new Map<string, BaseFile>();
  const unknown: string[] = [];
  let budget = MOST_FILLER_BYTES;
  for (const [path, seen] of [...views].sort(([a], [b]) =>
    pathBytes(a) < pathBytes(b) ? -1 : 1,
  )) {
    const made = pathProblem(path) === undefined ? baseFile(path, seen, budget) : undefined;
    if (made) files.set(path, made.file);
    else unknown.push(path);
    budget -= made?.filler_bytes ?? 0;
  }
  return { files, unknown };
}

function baseFile(path: string, views: readonly FileRuns[], budget: number) {
  const mode = treeMode(views.find((view) => view.mode !== undefined)?.mode);
  if (mode === undefined) return undefined;
  if (views.some((view) => view.file.binary)) {
    const content = oldBinary(views);
    return content && { file: { content, mode }, filler_bytes: 0 };
  }
  const known = knownLines(views);
  const text = render(path, known, budget);
  if (!text) return undefined;
  return {
    file: { content: Buffer.from(text.bytes, "latin1"), mode },
    filler_bytes: text.filler_bytes,
  };
}

/** The mode as trees store it (a patch may say 100664); undefined for submodules. */
function treeMode(mode = "100644"): string | undefined {
  if (mode.startsWith("160")) return undefined;
  if (mode.startsWith("120")) return "120000";
  return Number.parseInt(mode, 8) & 0o100 ? "100755" : "100644";
}

function oldBinary(views: readonly FileRuns[]): Uint8Array | undefined {
  for (const { file } of views) {
    const reverse = file.binary_data?.reverse;
    const content = reverse && decodeLiteral(reverse);
    if (content) return content;
  }
  return undefined;
}

function knownLines(views: readonly FileRuns[]): KnownFile {
  const known = knownFile();
  for (const view of byAgreement(views)) for (const run of view.runs) place(known, run);
  return known;
}

/** Views with the fewest lines that others read differently come first: the odd one out must not set the numbers. */
function byAgreement(views: readonly FileRuns[]): FileRuns[] {
  const votes = new Map<number, Map<string, number>>();
  for (const line of views.flatMap(linesOf)) {
    const texts = votes.get(line.number) ?? new Map<string, number>();
    votes.set(line.number, texts.set(line.text, (texts.get(line.text) ?? 0) + 1));
  }
  const sums = new Map([...votes].map(([number, texts]) => [number, sum([...texts.values()])]));
  const against = (view: FileRuns) =>
    sum(
      linesOf(view).map(
        (line) => (sums.get(line.number) ?? 0) - (votes.get(line.number)?.get(line.text) ?? 0),
      ),
    );
  return views
    .map((view) => ({ view, against: against(view) }))
    .sort((a, b) => a.against - b.against)
    .map(({ view }) => view);
}

function linesOf(view: FileRuns) {
  return view.runs.flatMap((run) => run.known);
}

function render(path: string, known: KnownFile, budget: number) {
  const end = endOf(known);
  const count = end?.at ?? lastKnown(known) + TRAILING_FILLER;
  // A short name for the path: these lines are most of what git has to read, hash and compare.
  const name = sha256(pathBytes(path)).slice(0, 8);
  const filler = (number: number) => `~ ${number} ${name}`;
  const filler_bytes = (count - known.lines.size) * (filler(count).length + 1);
  if (filler_bytes > budget) return undefined;
  const line = (_: unknown, index: number) => known.lines.get(index + 1) ?? filler(index + 1);
  const text = Array.from({ length: count }, line).join("\n");
  return { filler_bytes, bytes: count === 0 || end?.no_newline ? text : `${text}\n` };
}
