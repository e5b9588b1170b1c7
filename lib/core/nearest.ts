// Owns "did you mean …": the nearest valid name to a mistyped one.
import { noun } from "./text.ts";

/**
 * Damerau-Levenshtein distance (adjacent transpositions count 1), in edits.
 * Source: Damerau 1964; the "optimal string alignment" recurrence.
 */
export function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1;
      let best = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + same,
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, at(before, column - 2) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return at(previous, right.length);
}

/** The closest of `names` to `wanted` (case ignored), or undefined when `names` is empty. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  const lower = wanted.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const candidate = name.toLowerCase();
    const contained = candidate.includes(lower) || lower.includes(candidate) ? 0.5 : 1;
    const distance = editDistance(lower, candidate) * contained;
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best?.name;
}

/**
 * The closest of `names` when it may be what was meant (never for numbers of one or two digits): one holds the other (from three letters on, or as its beginning),
 * or about a third of the longer one is wrong at most. Undefined otherwise: a distant name is no help.
 */
export function near(wanted: string, names: Iterable<string>): string | undefined {
  const best = nearest(wanted, names);
  return best !== undefined && isNear(wanted.toLowerCase(), best.toLowerCase()) ? best : undefined;
}

function isNear(wanted: string, name: string): boolean {
  const [short = "", long = ""] = [wanted, name].sort((a, b) => a.length - b.length);
  // Of numbers this short every other one is as near.
  if (/^\d{1,2}$/.test(long)) return false;
  const held = short.length >= 3 ? long.includes(short) : short !== "" && long.startsWith(short);
  return held || editDistance(wanted, name) <= Math.floor((long.length + 1) / 3);
}

/** At most this many names are listed when none of them is near. */
const LISTED = 16;

/** A sentence such as `unknown repo "clic": did you mean "pallets_click_task"?`; a few names are listed when none is near. */
export function unknownName(kind: string, wanted: string, names: Iterable<string>): string {
  const known = [...new Set(names)];
  const what = `unknown ${kind} "${wanted}"`;
  const best = near(wanted, known);
  if (best !== undefined) return `${what}: did you mean "${best}"?`;
  const few = known.length > 0 && known.length <= LISTED;
  return few ? `${what} (there ${noun(known.length, "is", "are")} ${known.join(", ")})` : what;
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
