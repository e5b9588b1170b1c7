// Owns what the statistics' tests share: closeness with a stated tolerance, and rows written short.
import { expect } from "bun:test";
import type { TryRow } from "./pairs.ts";

/** R's vectors have 15 digits, and the distributions here about 13. */
export const R_DIGITS = 1e-12;

/** Expects a number within `tolerance`, relative above 1. */
export function expectNear(
  actual: number | null | undefined,
  expected: number,
  tolerance: number,
): void {
  const distance = Math.abs((actual ?? Number.NaN) - expected);
  expect(distance).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected)));
}

const TRIES: Record<string, Pick<TryRow, "passed" | "fault">> = {
  "1": { passed: true, fault: false },
  "0": { passed: false, fault: false },
  x: { passed: null, fault: true },
  ".": { passed: null, fault: false },
};

/** The tries of one pair from a word: 1 passed, 0 failed, x fault, . pending. */
export function triesFrom(word: string): Pick<TryRow, "passed" | "fault">[] {
  return [...word].map((letter) => {
    const row = TRIES[letter];
    if (row === undefined) throw new RangeError(`no try is written ${letter}`);
    return row;
  });
}

/**
 * Rows of one arm from tasks written as words, a word a pair: `arm({ "r/1": "1 0 1x" })`. Pairs are named by their
 * task and place, so the same place of two arms is the same pair.
 */
export function arm(tasks: Readonly<Record<string, string>>): TryRow[] {
  return Object.entries(tasks).flatMap(([name, words]) => {
    const [repo = "", task = ""] = name.split("/");
    return words
      .split(" ")
      .flatMap((word, place) =>
        triesFrom(word).map((row) => ({ ...row, pair_key: `${name}/${place}`, task, repo })),
      );
  });
}
