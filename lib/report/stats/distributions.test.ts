import { describe, expect, test } from "bun:test";
import { binomialCdf, studentQuantile } from "./distributions.ts";
import { expectNear, R_DIGITS } from "./stats.fixture.ts";
import classic from "./vectors/classic.json" with { type: "json" };

describe("studentQuantile", () => {
  test("equals R's qt", async () => {
    expect(classic.student.length).toBe(56);
    for (const [p = Number.NaN, df = Number.NaN, t = Number.NaN] of classic.student)
      expectNear(await studentQuantile(p, df), t, R_DIGITS);
  });
  const wrong: [p: number, df: number][] = [
    [0, 5],
    [1, 5],
    [Number.NaN, 5],
    [0.5, 0],
    [0.5, -1],
    [0.5, Number.NaN],
  ];
  test.each(wrong)("refuses p = %p, df = %p", async (p, df) => {
    await expect(studentQuantile(p, df)).rejects.toThrow(RangeError);
  });
});

describe("binomialCdf", () => {
  test("equals R's pbinom", async () => {
    expect(classic.binomial.length).toBe(25);
    for (const [x = Number.NaN, n = Number.NaN, p = Number.NaN] of classic.binomial)
      expectNear((await binomialCdf(x, n, 0.5)) / p, 1, R_DIGITS);
  });
  const wrong: [x: number, n: number, p: number][] = [
    [1, -1, 0.5],
    [1, 1.5, 0.5],
    [1, 2, -0.1],
    [1, 2, 1.1],
    [1, 2, Number.NaN],
    [Number.NaN, 2, 0.5],
  ];
  test.each(wrong)("refuses %p, %p, %p", async (x, n, p) => {
    await expect(binomialCdf(x, n, p)).rejects.toThrow(RangeError);
  });
});
