import { describe, expect, test } from "bun:test";
import { passAtK, passHatK, repeatsOf, triesOf } from "./repeats.ts";
import { expectNear, triesFrom } from "./stats.fixture.ts";
import drawn from "./vectors/drawn.json" with { type: "json" };

describe("pass@k and pass^k", () => {
  test("equal direct enumeration", () => {
    expect(drawn.repeats.length).toBeGreaterThan(100);
    for (const [
      tries = -1,
      passed = -1,
      k = -1,
      at = Number.NaN,
      hat = Number.NaN,
    ] of drawn.repeats) {
      expectNear(passAtK({ tries, passed }, k), at, 1e-15);
      expectNear(passHatK({ tries, passed }, k), hat, 1e-15);
    }
  });
  test("do not overflow", () => {
    expectNear(passHatK({ tries: 4000, passed: 2000 }, 1), 0.5, 1e-15);
    expect(passAtK({ tries: 4000, passed: 2000 }, 2000)).toBe(1);
  });
  const wrong: [tries: number, passed: number, k: number][] = [
    [3, 4, 1],
    [3, -1, 1],
    [3, 1.5, 1],
    [2.5, 1, 1],
    [3, 1, 4],
    [3, 1, 0],
    [3, 1, 1.5],
    [0, 0, 1],
  ];
  test.each(wrong)("refuse %p tries, %p passed, k %p", (tries, passed, k) => {
    expect(() => passAtK({ tries, passed }, k)).toThrow(RangeError);
    expect(() => passHatK({ tries, passed }, k)).toThrow(RangeError);
  });
});

describe("repeatsOf", () => {
  test("takes means over the pairs with enough tries, and says how many have fewer", () => {
    const pairs = ["1", "10", "110x", "00.", "x"].map((word) => triesOf(triesFrom(word)));
    expect(repeatsOf(pairs.filter(({ tries }) => tries > 0))).toEqual(
      [
        {
          k: 1,
          pairs: 4,
          left_out: 0,
          pass_at_k: (1 + 1 / 2 + 2 / 3) / 4,
          pass_hat_k: (1 + 1 / 2 + 2 / 3) / 4,
        },
        { k: 2, pairs: 3, left_out: 1, pass_at_k: 2 / 3, pass_hat_k: 1 / 3 / 3 },
        { k: 3, pairs: 1, left_out: 3, pass_at_k: 1, pass_hat_k: 0 },
      ].map((row) => ({
        ...row,
        pass_at_k: expect.closeTo(row.pass_at_k, 14),
        pass_hat_k: expect.closeTo(row.pass_hat_k, 14),
      })),
    );
  });
  test("of nothing is nothing", () => {
    expect(repeatsOf([])).toEqual([]);
    expect(repeatsOf([{ tries: 0, passed: 0 }])).toEqual([]);
  });
  test("refuses more passes than tries", () => {
    expect(() => repeatsOf([{ tries: 1, passed: 2 }])).toThrow(RangeError);
  });
});
