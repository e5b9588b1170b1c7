import { describe, expect, test } from "bun:test";
import { type CurveRow, type Retention, retentionReport } from "./retention.ts";
import { expectNear, triesFrom } from "./stats.fixture.ts";
import drawn from "./vectors/drawn.json" with { type: "json" };

type Words = { readonly solo: string; readonly coop: string };

/** Rows from words, a word a pair; an empty word is a pair without rows. */
function rowsOf(table: Readonly<Record<string, Words | undefined>>): CurveRow[] {
  return Object.entries(table).flatMap(([model, own]) =>
    (["solo", "coop"] as const).flatMap((setting) =>
      (own?.[setting] ?? "")
        .split(" ")
        .flatMap((word, place) =>
          triesFrom(word).map((row) => ({ ...row, model, setting, pair_key: `pair${place}` })),
        ),
    ),
  );
}
const counts = (curve: Retention["solo"]) =>
  curve.map(({ bucket, passed, tries }) => [bucket, passed, tries]);

describe("retention", () => {
  test.each(drawn.retention)("equals exact fractions: %#", (vector) => {
    const report = retentionReport(rowsOf(vector.table));
    expect(report.pairs).toBe(vector.pairs);
    for (const [set, expected] of [
      [report.plain, vector.plain],
      [report.leave_one_out, vector.leave_one_out],
    ] as const) {
      const found = set === null ? [] : [...set.models, set.pooled];
      expect(found.map(({ model }) => model)).toEqual(expected.map(({ model }) => model));
      for (const [place, own] of expected.entries()) {
        expect(counts(found[place]?.solo ?? [])).toEqual(own.points.solo);
        expect(counts(found[place]?.coop ?? [])).toEqual(own.points.coop);
        expectNear(found[place]?.auc_solo, own.auc_solo, 1e-13);
        expectNear(found[place]?.auc_coop, own.auc_coop, 1e-13);
        expectNear(found[place]?.retention, own.retention, 1e-13);
      }
    }
  });

  test("says which version is circular; solo's curve falls from 1 to 0 there by construction", () => {
    const report = retentionReport(
      rowsOf({ a: { solo: "1 1 0 0", coop: "1 0 0 1" }, b: { solo: "1 0 1 0", coop: "0 0 1 0" } }),
    );
    expect([report.plain.circular, report.leave_one_out?.circular]).toEqual([true, false]);
    const ends = report.plain.pooled.solo;
    expect([ends[0]?.rate, ends.at(-1)?.rate]).toEqual([1, 0]);
    // For `a` without its own runs: pairs 0 and 2 are the easy ones, 1 and 3 the hard ones.
    expect(counts(report.leave_one_out?.models[0]?.solo ?? [])).toEqual([
      [0, 1, 2],
      [9, 1, 2],
    ]);
  });

  test("pools to the mean of the models' areas when all tried every pair", () => {
    const report = retentionReport(
      rowsOf({
        a: { solo: "1 1 0 1 0", coop: "1 0 0 1 0" },
        b: { solo: "1 0 0 1 0", coop: "1 0 0 0 0" },
      }),
    );
    const { models, pooled } = report.plain;
    const mean = models.reduce((sum, own) => sum + (own.auc_solo ?? Number.NaN), 0) / 2;
    expect(pooled.auc_solo).toBeCloseTo(mean, 14);
    expect(pooled.pairs).toBe(10);
  });

  type Found = { readonly models: string[]; readonly pairs: number; readonly dropped: number };
  const edges: [title: string, table: Record<string, Words>, found: Found, areas: boolean][] = [
    ["nothing", {}, { models: [], pairs: 0, dropped: 0 }, false],
    [
      "no solo runs",
      { a: { solo: "x .", coop: "1 0" } },
      { models: [], pairs: 0, dropped: 2 },
      false,
    ],
    [
      "all equally hard: one bucket, no area",
      { a: { solo: "1 1 1", coop: "1 0 1" } },
      { models: ["a"], pairs: 3, dropped: 0 },
      false,
    ],
    [
      "no coop runs",
      { a: { solo: "1 0 1", coop: "x x ." } },
      { models: ["a"], pairs: 3, dropped: 0 },
      false,
    ],
    [
      "a model that tried solo only some pairs narrows them for all",
      { a: { solo: "1 0 1", coop: "1 0 1" }, b: { solo: "1 0 x", coop: "0 0 1" } },
      { models: ["a", "b"], pairs: 2, dropped: 1 },
      true,
    ],
    [
      "a model without solo runs is no part of the panel",
      { a: { solo: "1 0", coop: "1 0" }, b: { solo: "x x", coop: "1 0" } },
      { models: ["a"], pairs: 2, dropped: 0 },
      true,
    ],
  ];
  test.each(edges)("%s", (_, table, found, areas) => {
    const report = retentionReport(rowsOf(table));
    expect(report).toMatchObject(found);
    expect(report.plain.pooled.auc_solo !== null).toBe(areas);
    expect(report.plain.pooled.retention !== null).toBe(areas);
    expect(report.leave_one_out === null).toBe(found.models.length < 2);
  });

  test("draws solo and coop over the same pairs", () => {
    const { pooled } = retentionReport(rowsOf({ a: { solo: "1 0 1 0", coop: "1 x 0 1" } })).plain;
    expect(pooled.pairs).toBe(3);
    expect(counts(pooled.solo)).toEqual([
      [0, 2, 2],
      [9, 0, 1],
    ]);
    expect(counts(pooled.coop)).toEqual([
      [0, 1, 2],
      [9, 1, 1],
    ]);
  });
});
