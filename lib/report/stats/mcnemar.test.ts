import { describe, expect, test } from "bun:test";
import { mcnemar } from "./mcnemar.ts";
import { expectNear, R_DIGITS } from "./stats.fixture.ts";
import classic from "./vectors/classic.json" with { type: "json" };

const differences = (b: number, c: number) => [
  ...new Array<number>(b).fill(1),
  0,
  ...new Array<number>(c).fill(-1),
];

describe("mcnemar", () => {
  test("equals R's binom.test", async () => {
    expect(classic.mcnemar.length).toBe(25);
    for (const [b = -1, c = -1, p = Number.NaN] of classic.mcnemar) {
      const found = await mcnemar(differences(b, c));
      expect([found.b, found.c]).toEqual([b, c]);
      expectNear((found.p ?? Number.NaN) / p, 1, R_DIGITS);
    }
  });
  test("knows nothing without pairs, and finds nothing where none differs", async () => {
    expect(await mcnemar([])).toEqual({ b: 0, c: 0, p: null });
    expect(await mcnemar([0, 0])).toEqual({ b: 0, c: 0, p: 1 });
  });
  test("counts pairs by sign when tries were averaged", async () => {
    expect(await mcnemar([0.5, -1 / 3, 0.2, 0])).toMatchObject({ b: 2, c: 1 });
  });
  test("refuses what is no number", async () => {
    await expect(mcnemar([Number.NaN])).rejects.toThrow(RangeError);
  });
});
