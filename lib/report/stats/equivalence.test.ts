import { describe, expect, test } from "bun:test";
import type { Observation } from "./cluster.ts";
import { equivalence, type Verdict } from "./equivalence.ts";
import { expectNear, R_DIGITS } from "./stats.fixture.ts";
import classic from "./vectors/classic.json" with { type: "json" };

const SOME = [0.1, -0.1, 0.05, 0, -0.05, 0.1, -0.1, 0.02];
const around = (centre: number, scale: number): Observation[] =>
  SOME.map((value, i) => ({ value: centre + scale * value, cluster: `c${i}` }));

describe("equivalence", () => {
  test("decides as R's p-values do", async () => {
    const verdicts = new Set<boolean | null>();
    for (const { value, cluster, margin, p_tost, p_zero, interval90 } of classic.clusters) {
      const rows = value.map((own, i) => ({ value: own, cluster: String(cluster[i]) }));
      const [low = Number.NaN, high = Number.NaN] = interval90;
      const found = await equivalence(rows, { margin });
      expect([found.equivalent, found.different]).toEqual([p_tost < 0.05, p_zero < 0.05]);
      expectNear(found.low, Math.max(-1, low), R_DIGITS);
      expectNear(found.high, Math.min(1, high), R_DIGITS);
      verdicts.add(found.equivalent).add(found.different);
    }
    expect(verdicts).toEqual(new Set([true, false]));
  });

  const cases: [
    centre: number,
    scale: number,
    margin: number,
    verdict: Verdict,
    flags: boolean[],
  ][] = [
    [0, 0.1, 0.05, "equivalent within ±5 points", [true, false]],
    [0, 0.1, 0.07, "equivalent within ±7 points", [true, false]],
    [0, 0.1, 0.025, "equivalent within ±2.5 points", [true, false]],
    [0.2, 0.1, 0.05, "different", [false, true]],
    [-0.2, 0.1, 0.05, "different", [false, true]],
    [0, 2, 0.05, "not shown either way", [false, false]],
    // The 90 % interval leaves out 0, the 95 % interval does not.
    [0.055, 1, 0.05, "not shown either way", [false, false]],
    // Real and small: the verdict is equivalence, the flag tells the rest.
    [0.02, 0.1, 0.05, "equivalent within ±5 points", [true, true]],
  ];
  test.each(cases)(
    "around %p, scale %p, margin %p: %s",
    async (centre, scale, margin, verdict, flags) => {
      const found = await equivalence(around(centre, scale), { margin });
      expect(found.verdict).toBe(verdict);
      expect([found.equivalent, found.different]).toEqual(flags);
    },
  );

  test.each([0.01, -0.01])(
    "around %p is shown above the smallest margin, and not at it",
    async (centre) => {
      const rows = around(centre, 0.5);
      const { smallest_margin } = await equivalence(rows);
      const smallest = smallest_margin ?? Number.NaN;
      expect((await equivalence(rows, { margin: smallest * 1.0001 })).equivalent).toBe(true);
      expect((await equivalence(rows, { margin: smallest * 0.9999 })).equivalent).toBe(false);
      expect((await equivalence(rows, { margin: smallest })).equivalent).toBe(false);
    },
  );

  const silent: [reason: string, rows: Observation[]][] = [
    ["no observations", []],
    ["one cluster", around(0, 0.1).map((row) => ({ ...row, cluster: "c" }))],
    ["no spread", around(0, 0)],
    ["no spread", around(0.3, 0)],
  ];
  test.each(silent)("is not claimed with %s", async (reason, rows) => {
    expect(await equivalence(rows)).toEqual({
      verdict: "not shown either way",
      margin: 0.05,
      alpha: 0.05,
      equivalent: null,
      different: null,
      low: null,
      high: null,
      smallest_margin: null,
      reason: expect.stringMatching(reason),
    });
  });

  const wrong = [
    { margin: 0 },
    { margin: 1 },
    { margin: 5 },
    { margin: -0.1 },
    { alpha: 0 },
    { alpha: 0.5 },
  ];
  test.each(wrong)("refuses %p", async (options) => {
    await expect(equivalence([], options)).rejects.toThrow(RangeError);
  });
});
