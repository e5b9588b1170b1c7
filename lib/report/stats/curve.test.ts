import { describe, expect, test } from "bun:test";
import { areaUnder, curveOf, retention } from "./curve.ts";

const points = (...pairs: [midpoint: number, rate: number][]) =>
  pairs.map(([midpoint, rate]) => ({ midpoint, rate }));

describe("curveOf", () => {
  test("sums counts in buckets and skips the empty ones", () => {
    const curve = curveOf([
      { difficulty: 1, tries: 2, passed: 0 },
      { difficulty: 0.01, tries: 1, passed: 1 },
      { difficulty: 0.09, tries: 3, passed: 1 },
      { difficulty: 0.5, tries: 0, passed: 0 },
    ]);
    expect(curve).toMatchObject([
      { bucket: 0, midpoint: 0.05, passed: 2, tries: 4, rate: 0.5 },
      { bucket: 9, midpoint: 0.95, passed: 0, tries: 2, rate: 0, wilson_low: 0 },
    ]);
    expect(curve[0]?.wilson_low).toBeCloseTo(0.15003898915214955, 12);
    expect(curve[0]?.wilson_high).toBeCloseTo(0.8499610108478506, 12);
  });
  test("of nothing is nothing", () => {
    expect(curveOf([])).toEqual([]);
  });
  const wrong: [difficulty: number, tries: number, passed: number][] = [
    [1.5, 1, 1],
    [0.5, 1, 2],
    [0.5, -1, 0],
    [0.5, 1.5, 1],
  ];
  test.each(wrong)("refuses difficulty %p, %p tries, %p passed", (difficulty, tries, passed) => {
    expect(() => curveOf([{ difficulty, tries, passed }])).toThrow(RangeError);
  });
});

describe("areaUnder", () => {
  const cases: [title: string, curve: ReturnType<typeof points>, area: number | null][] = [
    ["no point", [], null],
    ["one point", points([0.05, 1]), null],
    ["a flat line", points([0.05, 1], [0.95, 1]), 0.9],
    ["a ramp", points([0.05, 1], [0.95, 0]), 0.45],
    ["three points", points([0.05, 1], [0.25, 0.5], [0.95, 0]), 0.15 + 0.175],
  ];
  test.each(cases)("%s", (_, curve, area) => {
    if (area === null) expect(areaUnder(curve)).toBeNull();
    else expect(areaUnder(curve)).toBeCloseTo(area, 14);
  });
});

describe("retention", () => {
  // CooperBench, table 5: AUC solo, AUC coop, retention; the areas are rounded to .001, so to ±.01.
  const paper: [solo: number, coop: number, retained: number][] = [
    [0.506, 0.325, 0.64],
    [0.469, 0.283, 0.6],
    [0.374, 0.171, 0.46],
    [0.236, 0.148, 0.63],
    [0.106, 0.072, 0.68],
    [0.338, 0.2, 0.59],
  ];
  test.each(paper)("%p and %p give the paper's %p", (solo, coop, retained) => {
    expect(Math.abs((retention(solo, coop) ?? Number.NaN) - retained)).toBeLessThanOrEqual(0.01);
  });
  test("the paper's pooled areas are the means of its models'", () => {
    const models = paper.slice(0, 5);
    const meanOf = (place: 0 | 1) => models.reduce((sum, row) => sum + row[place], 0) / 5;
    expect(Math.abs(meanOf(0) - 0.338)).toBeLessThanOrEqual(0.001);
    expect(Math.abs(meanOf(1) - 0.2)).toBeLessThanOrEqual(0.001);
  });
  test("is unknown without both areas, and where solo never passes", () => {
    expect([retention(null, 0.1), retention(0.1, null), retention(0, 0)]).toEqual([
      null,
      null,
      null,
    ]);
  });
  test.each([-0.1, 1.1, Number.NaN])("refuses the area %p", (area) => {
    expect(() => retention(area, 0.5)).toThrow(RangeError);
  });
});
