import { describe, expect, test } from "bun:test";
import { knownSum, sortedQuantile, spreadOf } from "./quartiles.ts";
import { expectNear, R_DIGITS } from "./stats.fixture.ts";
import classic from "./vectors/classic.json" with { type: "json" };

describe("spreadOf", () => {
  test.each(classic.quartiles)("equals R's quantile: %#", ({ values, quartiles }) => {
    const { q1, median, q3, n } = spreadOf(values);
    expect(n).toBe(values.length);
    for (const [place, value] of [q1, median, q3].entries())
      expectNear(value, quartiles[place] ?? Number.NaN, R_DIGITS);
  });
  const cases: [values: (number | null)[], found: object][] = [
    [[], { n: 0, unknown: 0, q1: null, median: null, q3: null }],
    [[null, null], { n: 0, unknown: 2, q1: null, median: null, q3: null }],
    [[10, null, 9], { n: 2, unknown: 1, q1: 9.25, median: 9.5, q3: 9.75 }],
    [[100, 20, 3], { n: 3, unknown: 0, q1: 11.5, median: 20, q3: 60 }],
  ];
  test.each(cases)("of %p", (values, found) => {
    expect<object>(spreadOf(values)).toEqual(found);
  });
  test.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses %p", (value) => {
    expect(() => spreadOf([1, value])).toThrow(RangeError);
  });
});

describe("sortedQuantile", () => {
  const wrong: [values: number[], p: number][] = [
    [[], 0.5],
    [[1], -0.1],
    [[1], 1.1],
    [[1], Number.NaN],
  ];
  test.each(wrong)("refuses %p at %p", (values, p) => {
    expect(() => sortedQuantile(values, p)).toThrow(RangeError);
  });
});

test("a sum with an unknown part is unknown", () => {
  expect([knownSum([1, 2.5]), knownSum([1, null]), knownSum([])]).toEqual([3.5, null, null]);
});
