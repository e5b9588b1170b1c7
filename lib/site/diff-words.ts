// Owns which words differ between a line that went and the one that came in its place.
import { diffWordsWithSpace } from "diff";

/** A stretch of a line, in UTF-16 units; `to` is behind its end. */
export type Range = { readonly from: number; readonly to: number };
/** Ranges by the number of the line. */
export type Changed = ReadonlyMap<number, readonly Range[]>;

/** Beyond these a reader compares blocks, not words. */
const MOST_LINES = 40;
const LONGEST_LINE = 400;
/** Share of common words from which two lines are versions of one. */
const ALIKE = 0.6;

/** The words that went from lines and those that came, where a line is a version of another; both in their order. */
export function changedWords(
  cut: readonly string[],
  added: readonly string[],
): { readonly cut: Changed; readonly added: Changed } {
  const ranges = { cut: new Map<number, Range[]>(), added: new Map<number, Range[]>() };
  for (const [old, fresh] of versionsIn(cut, added)) {
    const found = wordsBetween(cut[old] ?? "", added[fresh] ?? "");
    ranges.cut.set(old, found.cut);
    ranges.added.set(fresh, found.added);
  }
  return ranges;
}

/** Which line became which: pairs of their numbers, both ascending. */
export function versionsIn(cut: readonly string[], added: readonly string[]): [number, number][] {
  if (cut.length > MOST_LINES || added.length > MOST_LINES) return [];
  const [old, fresh] = [cut.map(wordsOf), added.map(wordsOf)];
  const pairs: [number, number][] = [];
  let from = 0;
  for (const [at, words] of old.entries()) {
    const shares = fresh.slice(from).map((other) => shareOf(words, other));
    const best = Math.max(0, ...shares);
    if (best < ALIKE) continue;
    const there = from + shares.indexOf(best);
    pairs.push([at, there]);
    from = there + 1;
  }
  return pairs;
}

function wordsOf(line: string): ReadonlySet<string> {
  return new Set(line.length > LONGEST_LINE ? [] : line.match(/[\p{L}\p{N}_]+/gu));
}

/** Dice's coefficient of two sets of words: 1 for the same, 0 where nothing is common. */
function shareOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 || other.size === 0) return 0;
  let common = 0;
  for (const word of one) if (other.has(word)) common++;
  return (2 * common) / (one.size + other.size);
}

/** The ranges of two lines that the other lacks. */
export function wordsBetween(cut: string, added: string): { cut: Range[]; added: Range[] } {
  const ranges = { cut: [] as Range[], added: [] as Range[] };
  let [old, fresh] = [0, 0];
  for (const { value, added: came, removed } of diffWordsWithSpace(cut, added)) {
    if (removed) ranges.cut.push({ from: old, to: old + value.length });
    if (came) ranges.added.push({ from: fresh, to: fresh + value.length });
    if (!came) old += value.length;
    if (!removed) fresh += value.length;
  }
  return ranges;
}
