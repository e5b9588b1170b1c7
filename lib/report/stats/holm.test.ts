import { describe, expect, test } from "bun:test";
import { holm } from "./holm.ts";
import { expectNear } from "./stats.fixture.ts";
import classic from "./vectors/classic.json" with { type: "json" };

describe("holm", () => {
  test.each(classic.holm)("equals R's p.adjust: %#", ({ p, adjusted }) => {
    const found = holm(p);
    expect(found.map((value) => value === null)).toEqual(adjusted.map((value) => value === null));
    for (const [place, value] of adjusted.entries())
      if (value !== null) expectNear(found[place], value, 1e-14);
  });
  test("of no comparisons is none, and a lone null stays", () => {
    expect(holm([])).toEqual([]);
    expect(holm([null])).toEqual([null]);
  });
  test.each([-0.1, 1.1, Number.NaN])("refuses %p", (p) => {
    expect(() => holm([0.5, p])).toThrow(RangeError);
  });
});
