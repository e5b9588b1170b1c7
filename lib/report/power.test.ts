import { describe, expect, test } from "bun:test";
import { designEffect, detectableDifference } from "./power.ts";

describe("the smallest detectable difference", () => {
  // Rounded to whole points, as published.
  test.each([
    [50, 22],
    [100, 15],
    [652, 6],
  ])("of %i pairs of which 30 %% differ is %i points", (n, points) => {
    expect(Math.round(100 * detectableDifference({ n, discordant: 0.3 }))).toBe(points);
  });

  // 1.959963985 + 0.841621234, and 2.575829304 + 1.281551566, by Python's statistics.NormalDist.
  const cases: [options: Parameters<typeof detectableDifference>[0], difference: number][] = [
    [{ n: 1, discordant: 1 }, 2.801585218],
    [{ n: 100, discordant: 0.25 }, 2.801585218 * 0.05],
    [{ n: 100, discordant: 0.25, alpha: 0.01, power: 0.9 }, 3.85738087 * 0.05],
    [{ n: 100, discordant: 0.25, design_effect: 4 }, 2.801585218 * 0.1],
    [{ n: 100, discordant: 0 }, 0],
  ];
  test.each(cases)("of %j", (options, difference) => {
    expect(detectableDifference(options)).toBeCloseTo(difference, 8);
  });

  const wrong: Parameters<typeof detectableDifference>[0][] = [
    { n: 0, discordant: 0.3 },
    { n: 1.5, discordant: 0.3 },
    { n: 10, discordant: 1.1 },
    { n: 10, discordant: Number.NaN },
    { n: 10, discordant: 0.3, alpha: 0 },
    { n: 10, discordant: 0.3, power: 1 },
    { n: 10, discordant: 0.3, design_effect: 0 },
  ];
  test.each(wrong)("refuses %j", (options) => {
    expect(() => detectableDifference(options)).toThrow(RangeError);
  });
});

test("a design effect grows with clusters and their correlation", () => {
  expect([designEffect(1, 0.9), designEffect(21, 0.1), designEffect(3, -0.25)]).toEqual([
    1, 3, 0.5,
  ]);
  for (const [m, rho] of [
    [0, 0.1],
    [3, 2],
    [3, -1],
    [Number.POSITIVE_INFINITY, 0.1],
  ] as const)
    expect(() => designEffect(m, rho)).toThrow(RangeError);
});
