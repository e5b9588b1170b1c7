import { describe, expect, test } from "bun:test";
import { BOOTSTRAP_DRAWS, clusterBootstrap, SEED } from "./bootstrap.ts";
import type { Observation } from "./cluster.ts";
import { expectNear } from "./stats.fixture.ts";
import drawn from "./vectors/drawn.json" with { type: "json" };

const observations = (rows: (string | number)[][]): Observation[] =>
  rows.map(([value, cluster]) => ({ value: Number(value), cluster: String(cluster) }));

describe("the cluster bootstrap", () => {
  const cases = drawn.bootstrap.map((vector) => [vector.draws, vector.seed, vector] as const);
  test.each(cases)("of %p draws from seed %p equals CPython's", (draws, seed, vector) => {
    const found = clusterBootstrap(observations(vector.rows), { draws, seed });
    expectNear(found.low, vector.low, 1e-14);
    expectNear(found.high, vector.high, 1e-14);
  });

  test("comes near to the interval over all resamples", () => {
    const { rows, low, high } = drawn.bootstrap_all;
    const found = clusterBootstrap(observations(rows), { draws: 100_000 });
    expectNear(found.low, low, 0.01);
    expectNear(found.high, high, 0.01);
  });

  test("says how it was made, and is the same for rows in any order", () => {
    const [, some] = drawn.bootstrap;
    const rows = observations(some?.rows ?? []);
    const found = clusterBootstrap(rows);
    expect(found).toMatchObject({
      draws: BOOTSTRAP_DRAWS,
      seed: SEED,
      level: 0.95,
      clusters: 10,
      method: "percentile",
      reason: null,
    });
    expect(clusterBootstrap(rows.toReversed())).toEqual(found);
  });

  test("is wider at a higher level", () => {
    const rows = observations(drawn.bootstrap_all.rows);
    const width = (level: number) => {
      const { low, high } = clusterBootstrap(rows, { level, draws: 999 });
      return (high ?? Number.NaN) - (low ?? Number.NaN);
    };
    expect(width(0.9)).toBeLessThan(width(0.99));
  });

  const undefinedCases: [reason: "no observations" | "one cluster" | "no spread", Observation[]][] =
    [
      ["no observations", []],
      [
        "one cluster",
        observations([
          [0, "a"],
          [1, "a"],
        ]),
      ],
      [
        "no spread",
        observations([
          [1, "a"],
          [1, "b"],
          [1, "b"],
        ]),
      ],
    ];
  test.each(undefinedCases)("has no bounds for %s", (reason, rows) => {
    expect(clusterBootstrap(rows)).toMatchObject({ low: null, high: null, reason });
  });

  const wrong = [{ draws: 0 }, { draws: 1.5 }, { seed: -1 }, { seed: 0.5 }, { level: 1 }];
  test.each(wrong)("refuses %p", (options) => {
    expect(() => clusterBootstrap([], options)).toThrow(RangeError);
  });
});
