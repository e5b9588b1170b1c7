import { describe, expect, test } from "bun:test";
import type { Observation } from "./cluster.ts";
import { signFlip } from "./sign-flip.ts";
import drawn from "./vectors/drawn.json" with { type: "json" };

const observations = (rows: (string | number)[][]): Observation[] =>
  rows.map(([value, cluster]) => ({ value: Number(value), cluster: String(cluster) }));
const clusters = (count: number, value: (cluster: number) => number): Observation[] =>
  Array.from({ length: count }, (_, cluster) => ({
    value: value(cluster),
    cluster: `c${String(cluster).padStart(2, "0")}`,
  }));

const TIED = [-3, 5, -1, -2, 3];

describe("the sign-flip test", () => {
  test.each(drawn.sign_flip)("equals full enumeration: %#", ({ rows, p }) => {
    expect(signFlip(observations(rows))).toMatchObject({ p, method: "exact" });
  });

  test.each(drawn.sign_flip_drawn)("equals CPython's draws: %#", ({ rows, draws, seed, p }) => {
    const found = signFlip(observations(rows), { draws, seed });
    expect(found).toMatchObject({ p, method: "sampled", assignments: draws });
    expect(signFlip(observations(rows).toReversed(), { draws, seed })).toEqual(found);
  });

  test("the draws above need more than one random number each at times", () => {
    const most = drawn.sign_flip_drawn.map(({ rows }) => signFlip(observations(rows)).clusters);
    expect(Math.max(...most)).toBeGreaterThan(30);
  });

  const known: [title: string, rows: Observation[], found: object][] = [
    ["nothing", [], { p: null, smallest_p: null, clusters: 0 }],
    ["no pair differs", clusters(5, () => 0), { p: 1, smallest_p: 1, clusters: 0, assignments: 1 }],
    [
      "one cluster cannot show anything",
      clusters(1, () => 1),
      { p: 1, smallest_p: 1, clusters: 1 },
    ],
    ["five of one sign", clusters(5, () => 1), { p: 1 / 16, smallest_p: 1 / 16, clusters: 5 }],
    ["the other sign", clusters(5, () => -1), { p: 1 / 16, clusters: 5 }],
    ["clusters that cancel out", clusters(4, (c) => (c % 2 ? 1 : -1)), { p: 1, clusters: 4 }],
    [
      "a cluster without a difference has no sign",
      clusters(6, (c) => (c === 0 ? 0 : 1)),
      { p: 1 / 16, clusters: 5, assignments: 32 },
    ],
    // Whole numbers give 15/16; without a tolerance rounding loses ties, and p comes out as 13/16.
    ["thirds tie where whole numbers do", clusters(5, (c) => (TIED[c] ?? 0) / 3), { p: 15 / 16 }],
    ["whole numbers do", clusters(5, (c) => TIED[c] ?? 0), { p: 15 / 16 }],
    ["sixteen are counted", clusters(16, () => 1), { p: 2 / 2 ** 16, method: "exact" }],
    ["seventeen are drawn", clusters(17, () => 1), { method: "sampled", assignments: 100_000 }],
  ];
  test.each(known)("%s", (_, rows, found) => {
    expect(signFlip(rows)).toMatchObject(found);
  });

  test("drawn comes near to counted", () => {
    // No two sums are equal, so that a 17th cluster this small changes no comparison, but makes the test draw.
    const values = [3, -1, 2, 2, -2, 4, 1, -1, 0.5, 2, -3, 1, 1, -0.5, 2, 1];
    const sizeOf = (c: number) => (values[c] ?? 0) + Math.SQRT2 ** c / 1000;
    const exact = signFlip(clusters(16, (c) => sizeOf(c)));
    const sampled = signFlip(clusters(17, (c) => (c < 16 ? sizeOf(c) : 1e-8)));
    expect(sampled.method).toBe("sampled");
    expect(Math.abs((sampled.p ?? Number.NaN) - (exact.p ?? Number.NaN))).toBeLessThan(0.005);
  });

  test.each([{ draws: 0 }, { seed: -1 }, { seed: 1.5 }])("refuses %p", (options) => {
    expect(() => signFlip([], options)).toThrow(RangeError);
  });
});
