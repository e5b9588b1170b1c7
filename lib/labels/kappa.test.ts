import { describe, expect, test } from "bun:test";
import { byLabel, confusionOf, kappaOf } from "./kappa.ts";
import vectors from "./vectors/kappa.json" with { type: "json" };

/** R wrote 15 digits; the sums here are in another order. */
const TOLERANCE = 1e-12;
const table = (counts: readonly (readonly number[])[]) => ({
  labels: counts.map((_, at) => `label ${at}`),
  counts,
});

describe("kappaOf", () => {
  test("the interval ends at 1 and at -1, where the normal one goes beyond", () => {
    expect(
      kappaOf(
        table([
          [10, 0],
          [1, 10],
        ]),
      ).kappa_high,
    ).toBe(1);
    expect(
      kappaOf(
        table([
          [0, 3],
          [4, 1],
        ]),
      ).kappa_low,
    ).toBe(-1);
  });

  test("equals R's vcd::Kappa, error included", () => {
    expect(vectors.tables.length).toBe(10);
    for (const { counts, kappa, se } of vectors.tables) {
      const found = kappaOf(table(counts));
      expect(Math.abs((found.kappa ?? Number.NaN) - kappa)).toBeLessThanOrEqual(TOLERANCE);
      expect(Math.abs((found.kappa_se ?? Number.NaN) - se)).toBeLessThanOrEqual(TOLERANCE);
      expect(found.in_common).toBe(counts.flat().reduce((total, count) => total + count));
    }
  });
  test("by hand: 35 of 50 alike where chance gives 25, interval at 1.96 errors", () => {
    const found = kappaOf(
      table([
        [20, 5],
        [10, 15],
      ]),
    );
    expect(found).toMatchObject({ observed: 0.7, expected: 0.5, kappa_reason: null });
    expect(found.kappa).toBeCloseTo(0.4, 12);
    expect(found.kappa_low).toBeCloseTo(0.4 - 1.959964 * 0.1269960629, 6);
    expect(found.kappa_high).toBeCloseTo(0.4 + 1.959964 * 0.1269960629, 6);
  });
  test("an interval ends at 1", () => {
    expect(
      kappaOf(
        table([
          [20, 1],
          [0, 9],
        ]),
      ).kappa_high,
    ).toBe(1);
  });
  const unknown: [what: string, counts: number[][], kappa: number | null, reason: string][] = [
    ["nothing", [], null, "nothing in common"],
    ["one label for everything", [[12]], null, "one label only"],
    [
      "one label beside unused ones",
      [
        [0, 0],
        [0, 7],
      ],
      null,
      "one label only",
    ],
    [
      "all alike",
      [
        [4, 0],
        [0, 5],
      ],
      1,
      "no spread",
    ],
    [
      "all swapped",
      [
        [0, 5],
        [5, 0],
      ],
      -1,
      "no spread",
    ],
    [
      "a third each, all alike",
      [
        [7, 0, 0],
        [0, 7, 0],
        [0, 0, 7],
      ],
      1,
      "no spread",
    ],
  ];
  test.each(unknown)("%s has no error, and says why", (_what, counts, kappa, kappa_reason) => {
    const found = kappaOf(table(counts));
    expect(found.kappa === null ? null : Number(found.kappa.toFixed(12))).toBe(kappa);
    expect(found).toMatchObject({
      kappa_se: null,
      kappa_low: null,
      kappa_high: null,
      kappa_reason,
    });
  });
});

describe("confusionOf and byLabel", () => {
  const pairs = ["aa", "aa", "ab", "ba", "bb", "zc"].map(([reference = "", other = ""]) => ({
    reference,
    other,
  }));
  test("count in the order given, unknown words behind, unused ones left out", () => {
    expect(confusionOf(pairs, ["b", "unused", "a"])).toEqual({
      labels: ["b", "a", "z", "c"],
      counts: [
        [1, 1, 0, 0],
        [1, 2, 0, 0],
        [0, 0, 0, 1],
        [0, 0, 0, 0],
      ],
    });
    expect(confusionOf([])).toEqual({ labels: [], counts: [] });
  });
  test("precision is of what the other said, recall of what the reference said", () => {
    expect(
      byLabel(confusionOf(pairs.slice(0, 3).concat(pairs.slice(4)), ["a", "b", "c", "z"])),
    ).toEqual([
      { label: "a", reference: 3, other: 2, both: 2, precision: 1, recall: 2 / 3 },
      { label: "b", reference: 1, other: 2, both: 1, precision: 0.5, recall: 1 },
      { label: "c", reference: 0, other: 1, both: 0, precision: 0, recall: null },
      { label: "z", reference: 1, other: 0, both: 0, precision: null, recall: 0 },
    ]);
  });
});
