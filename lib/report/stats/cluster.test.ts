import { describe, expect, test } from "bun:test";
import { clusteredInterval, clusteredMean, DIFFERENCE, PROPORTION } from "./cluster.ts";
import { expectNear, R_DIGITS } from "./stats.fixture.ts";
import classic from "./vectors/classic.json" with { type: "json" };

const spread = (sizes: readonly number[], value: (cluster: number, place: number) => number) =>
  sizes.flatMap((size, cluster) =>
    Array.from({ length: size }, (_, place) => ({
      value: value(cluster, place),
      cluster: `c${cluster}`,
    })),
  );

describe("the clustered error", () => {
  test("and its interval equal R's vcovCL with t, cut to the range", async () => {
    expect(classic.clusters.length).toBe(7);
    for (const { value, cluster, mean, se, interval95 } of classic.clusters) {
      const rows = value.map((own, i) => ({ value: own, cluster: String(cluster[i]) }));
      const [low = Number.NaN, high = Number.NaN] = interval95;
      const found = await clusteredInterval(rows, { range: DIFFERENCE });
      expectNear(found.mean, mean, R_DIGITS);
      expectNear(found.standard_error, se, R_DIGITS);
      expectNear(found.low, Math.max(-1, low), R_DIGITS);
      expectNear(found.high, Math.min(1, high), R_DIGITS);
    }
    const cuts = classic.clusters.filter(({ interval95: [low = 0] }) => low < -1);
    expect(cuts.length).toBeGreaterThan(0);
  });

  test("with one observation a cluster is the plain error of a mean", () => {
    const values = [1, 0, 0, 1, 1, 0, 1];
    const rows = values.map((value, i) => ({ value, cluster: `c${i}` }));
    const variance = values.reduce((sum, value) => sum + (value - 4 / 7) ** 2, 0) / 6;
    expectNear(clusteredMean(rows).standard_error, Math.sqrt(variance / 7), 1e-15);
  });

  test("does not depend on the order of rows or the names of clusters", () => {
    const rows = spread([3, 1, 7, 2], (cluster, place) => (cluster * 3 + place) % 2);
    const renamed = rows.map((row) => ({ ...row, cluster: `z${9 - Number(row.cluster[1])}` }));
    expect(clusteredMean(rows.toReversed())).toEqual(clusteredMean(rows));
    expectNear(
      clusteredMean(renamed).standard_error,
      clusteredMean(rows).standard_error ?? 0,
      1e-15,
    );
  });
});

describe("an interval that is not defined says why", () => {
  const cases: [title: string, rows: ReturnType<typeof spread>, found: object][] = [
    [
      "nothing",
      [],
      { n: 0, clusters: 0, mean: null, standard_error: null, reason: "no observations" },
    ],
    [
      "one cluster",
      spread([4], (_, place) => place % 2),
      { n: 4, clusters: 1, mean: 0.5, standard_error: null, reason: "one cluster" },
    ],
    ["all pass", spread([3, 5, 2], () => 1), { mean: 1, standard_error: 0, reason: "no spread" }],
    ["all fail", spread([3, 5, 2], () => 0), { mean: 0, standard_error: 0, reason: "no spread" }],
    // Ten times .7 is not exactly 7: what is left over is no spread.
    ["all .7", spread([3, 7], () => 0.7), { standard_error: 0, reason: "no spread" }],
    [
      "half of every cluster",
      spread([2, 4, 6], (_, place) => place % 2),
      { mean: 0.5, standard_error: 0, reason: "no spread" },
    ],
  ];
  test.each(cases)("%s", async (_, rows, found) => {
    expect(await clusteredInterval(rows, { range: PROPORTION })).toMatchObject({
      low: null,
      high: null,
      ...found,
    });
  });

  test("and one that is gives none", async () => {
    const found = await clusteredInterval(
      spread([1, 9], (cluster) => cluster),
      { range: PROPORTION },
    );
    expect(found).toMatchObject({ n: 10, clusters: 2, low: 0, high: 1, level: 0.95, reason: null });
  });
});

describe("refusals", () => {
  test.each([0, 1, -1, Number.NaN])("level %p", async (level) => {
    await expect(clusteredInterval([], { range: PROPORTION, level })).rejects.toThrow(RangeError);
  });
  test.each([Number.NaN, Number.POSITIVE_INFINITY])("value %p", (value) => {
    expect(() => clusteredMean([{ value, cluster: "c" }])).toThrow(RangeError);
  });
});
