// Owns the known lines of one base file: adding runs, telling contradictions, finding a run's place by its context.
import type { Run } from "./runs.ts";

/** Texts that occur more often than this (braces, `return`) say nothing about a place. */
const TOO_COMMON = 50;
const CANDIDATES = 100;
/** Lines that must agree before a run is moved: fewer agree by chance. */
const ENOUGH = 3;

export type KnownFile = {
  readonly lines: Map<number, string>;
  readonly numbers: Map<string, number[]>;
  readonly ends: { at: number; no_newline: boolean }[];
};

export function knownFile(): KnownFile {
  return { lines: new Map(), numbers: new Map(), ends: [] };
}

/**
 * Adds a run where its numbers say; when that contradicts lines already known, where its context fits:
 * most agreeing lines first, then nearest. Returns by how many lines it was moved, undefined when it fits nowhere.
 */
export function place(file: KnownFile, run: Run): number | undefined {
  const shift = fits(file, run, 0) ? 0 : shiftByContext(file, run);
  if (shift === undefined) return undefined;
  for (const { number, text } of run.known) {
    if (!file.lines.has(number + shift)) remember(file, number + shift, text);
  }
  if (run.ends_at !== undefined)
    file.ends.push({ at: run.ends_at + shift, no_newline: run.no_newline });
  return shift;
}

/** The last line's number where a run shows the end and nothing is known beyond it; otherwise undefined. */
export function endOf(file: KnownFile): { at: number; no_newline: boolean } | undefined {
  const last = lastKnown(file);
  const ends = file.ends.filter((end) => end.at >= last).sort((a, b) => a.at - b.at);
  return ends.find((end) => end.no_newline) ?? ends[0];
}

/** The greatest number of a known line; 0 when none is. */
export function lastKnown(file: KnownFile): number {
  let last = 0;
  for (const number of file.lines.keys()) if (number > last) last = number;
  return last;
}

function remember(file: KnownFile, number: number, text: string): void {
  file.lines.set(number, text);
  const numbers = file.numbers.get(text);
  if (numbers) numbers.push(number);
  else file.numbers.set(text, [number]);
}

function fits(file: KnownFile, run: Run, shift: number): boolean {
  return run.known.every(({ number, text }) => {
    const there = file.lines.get(number + shift);
    return number + shift >= 1 && (there === undefined || there === text);
  });
}

function shiftByContext(file: KnownFile, run: Run): number | undefined {
  const votes = new Map<number, number>();
  let telling = 0;
  for (const { number, text } of run.known) {
    const numbers = file.numbers.get(text) ?? [];
    if (text.trim() === "" || numbers.length > TOO_COMMON) continue;
    telling++;
    for (const there of numbers) votes.set(there - number, (votes.get(there - number) ?? 0) + 1);
  }
  const enough = Math.max(1, Math.min(ENOUGH, telling));
  return [...votes]
    .filter(([, count]) => count >= enough)
    .sort(([a, first], [b, second]) => second - first || Math.abs(a) - Math.abs(b) || a - b)
    .slice(0, CANDIDATES)
    .find(([shift]) => fits(file, run, shift))?.[0];
}
