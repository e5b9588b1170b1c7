import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { describeWith, testData } from "../core/testing.ts";
import { conflictRate, passRate, type RateRow, wilson } from "./rate.ts";

const rows = (count: number, row: RateRow) => Array.from({ length: count }, () => row);
const passed = { passed: true, fault: false };
const failed = { passed: false, fault: false };
const pending = { passed: null, fault: false };
const fault = { passed: null, fault: true };

describe("passRate", () => {
  test("nothing is no rate", () => {
    expect(passRate([])).toEqual({
      passed: 0,
      attempted: 0,
      faults: 0,
      pending: 0,
      rate: null,
      wilson_low: null,
      wilson_high: null,
      rate_if_faults_fail: null,
      rate_if_faults_pass: null,
    });
  });

  const cases: [title: string, input: RateRow[], counts: number[], rates: (number | null)[]][] = [
    [
      "failures stay in the denominator",
      [...rows(1, passed), ...rows(3, failed)],
      [1, 4, 0, 0],
      [0.25, 0.25, 0.25],
    ],
    ["faults stand beside", [passed, failed, ...rows(2, fault)], [1, 2, 2, 0], [0.5, 0.25, 0.75]],
    [
      "pending stands outside everything",
      [passed, failed, ...rows(6, pending)],
      [1, 2, 0, 6],
      [0.5, 0.5, 0.5],
    ],
    ["only faults", rows(3, fault), [0, 0, 3, 0], [null, 0, 1]],
    ["only pending", rows(3, pending), [0, 0, 0, 3], [null, null, null]],
    ["a fault is never scored", [passed, { passed: true, fault: true }], [1, 1, 1, 0], [1, 0.5, 1]],
    [
      "a failed row with a fault neither",
      [passed, { passed: false, fault: true }],
      [1, 1, 1, 0],
      [1, 0.5, 1],
    ],
  ];
  test.each(cases)("%s", (_, input, counts, rates) => {
    const result = passRate(input);
    expect([result.passed, result.attempted, result.faults, result.pending]).toEqual(counts);
    expect([result.rate, result.rate_if_faults_fail, result.rate_if_faults_pass]).toEqual(rates);
    const { low, high } = wilson(result.passed, result.attempted);
    expect([result.wilson_low, result.wilson_high]).toEqual([low, high]);
  });
});

describe("wilson", () => {
  const intervals: [k: number, n: number, level: number, low: number, high: number][] = [
    [0, 10, 0.95, 0, 0.27753279986288915],
    [10, 10, 0.95, 0.7224672001371109, 1],
    [1, 1, 0.95, 0.2065493143772375, 1],
    [5, 10, 0.95, 0.23659309051256405, 0.763406909487436],
    [315, 652, 0.95, 0.4449828234407794, 0.5214724841581646],
    [30, 652, 0.99, 0.029065797687491002, 0.07210542318905236],
    [3, 7, 0.5, 0.3106034777497514, 0.5552572159915451],
  ];
  test.each(intervals)("%p of %p at %p", (k, n, level, low, high) => {
    const interval = wilson(k, n, level);
    expect(Math.abs((interval.low ?? Number.NaN) - low)).toBeLessThan(1e-14);
    expect(Math.abs((interval.high ?? Number.NaN) - high)).toBeLessThan(1e-14);
  });

  test("the ends are exact, and no observations are no interval", () => {
    // Not a hair beside them: rounding alone misses 0 and 1 for many n.
    for (let n = 1; n <= 700; n++)
      expect([n, wilson(0, n).low, wilson(n, n).high]).toEqual([n, 0, 1]);
    expect(wilson(0, 0)).toEqual({ low: null, high: null });
  });

  const wrong: [number, number, number][] = [
    [3, 2, 0.95],
    [-1, 2, 0.95],
    [0.5, 2, 0.95],
    [1, 2.5, 0.95],
    [1, 2, 0],
    [1, 2, 1],
    [1, 2, Number.NaN],
  ];
  test.each(wrong)("refuses %p of %p at %p", (k, n, level) => {
    expect(() => wilson(k, n, level)).toThrow(RangeError);
  });
});

type Cell = { k: number; n: number; ci: [number, number] };

describe("conflictRate", () => {
  test("is of the merges that could conflict: empty, unapplied and unmerged ones are not among them", () => {
    const statuses = ["conflicts", "clean", "clean", "clean", "empty", "apply_failed", null, null];
    expect(conflictRate(statuses)).toEqual({
      ...{ conflicts: 1, merged: 4, rate: 0.25, ...wilson(1, 4) },
    });
  });

  test("without such a merge nothing is known", () => {
    expect(conflictRate(["empty", null])).toEqual({
      ...{ conflicts: 0, merged: 0, rate: null, low: null, high: null },
    });
  });
});

describeWith("data", "the paper's table 5", () => {
  test("every interval to 1e-12", async () => {
    const table: { rows: { model: string; solo: Cell; coop: Cell }[] } = await Bun.file(
      join(testData?.vectors ?? "", "paper-table5.json"),
    ).json();
    const cells = table.rows.flatMap(({ solo, coop }) => [solo, coop]);
    expect(cells.length).toBe(10);
    for (const { k, n, ci } of cells) {
      const result = passRate([...rows(k, passed), ...rows(n - k, failed)]);
      expect(result.rate).toBe(k / n);
      expect(Math.abs((result.wilson_low ?? Number.NaN) - ci[0])).toBeLessThan(1e-12);
      expect(Math.abs((result.wilson_high ?? Number.NaN) - ci[1])).toBeLessThan(1e-12);
    }
  });
});
