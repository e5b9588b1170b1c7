import { describe, expect, test } from "bun:test";
import { normalQuantile } from "./normal.ts";

describe("normalQuantile", () => {
  const quantiles: [p: number, z: number][] = [
    [0.975, 1.9599639845400536],
    [0.995, 2.5758293035489],
    [0.95, 1.6448536269514715],
    [0.85, 1.0364333894937894],
    [0.1, -1.2815515655446008],
    [0.19, -0.8778962950512285],
    [0.6, 0.2533471031357998],
    [0.5, 0.0],
    [0.075, -1.4395314709384557],
    [0.0751, -1.4388253927525398],
    [0.925, 1.439531470938456],
    [0.0001, -3.71901648545568],
    [1e-11, -6.706023155495136],
    [1e-12, -7.034483825301132],
    [1e-300, -37.0470962993612],
  ];
  test.each(quantiles)("of %p", (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(z)));
  });
  test.each([0, 1, -1, Number.NaN])("refuses %p", (p) => {
    expect(() => normalQuantile(p)).toThrow(RangeError);
  });
});
