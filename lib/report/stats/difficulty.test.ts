import { describe, expect, test } from "bun:test";
import { BUCKETS, bucketOf, difficulties, midpointOf } from "./difficulty.ts";

const over = (panel: Record<string, number[]>) => difficulties(new Map(Object.entries(panel)));

describe("difficulties", () => {
  const cases: [panel: Record<string, number[]>, found: Record<string, number>][] = [
    [{}, {}],
    [
      { a: [1, 1], b: [1, 0], c: [0, 0] },
      { a: 0, b: 0.5, c: 1 },
    ],
    // Rescaled: the easiest is 0 and the hardest 1, wherever they began.
    [
      { a: [0.5, 0.75], b: [0.5, 0.5], c: [0.25, 0.25] },
      { a: 0, b: 1 / 3, c: 1 },
    ],
    // All equally hard: no scale, so d stays.
    [
      { a: [0.75], b: [0.75] },
      { a: 0.25, b: 0.25 },
    ],
  ];
  test.each(cases)("of %p", (panel, found) => {
    const result = Object.fromEntries(over(panel));
    expect(Object.keys(result)).toEqual(Object.keys(found));
    for (const [pair, hard] of Object.entries(found)) expect(result[pair]).toBeCloseTo(hard, 14);
  });
  const wrong: Record<string, number[]>[] = [
    { a: [] },
    { a: [1], b: [1, 0] },
    { a: [1.5] },
    { a: [-0.5] },
    { a: [Number.NaN] },
  ];
  test.each(wrong)("refuses %p", (panel) => {
    expect(() => over(panel)).toThrow(RangeError);
  });
});

describe("buckets", () => {
  test("begin at every tenth, also where a fraction is written a hair below it", () => {
    for (let tenth = 0; tenth < BUCKETS; tenth++) {
      expect(bucketOf(tenth / 10)).toBe(tenth);
      expect(bucketOf(Math.max(0, 1 - (10 - tenth) / 10))).toBe(tenth);
      expect(bucketOf(midpointOf(tenth))).toBe(tenth);
      expect(midpointOf(tenth)).toBeCloseTo(tenth / 10 + 0.05, 15);
    }
    expect(1 - 0.8).toBeLessThan(0.2);
    expect([bucketOf(1 - 0.8), bucketOf(0.19999), bucketOf(1)]).toEqual([2, 1, 9]);
  });
  test.each([-0.01, 1.01, Number.NaN])("refuse %p", (difficulty) => {
    expect(() => bucketOf(difficulty)).toThrow(RangeError);
  });
});
