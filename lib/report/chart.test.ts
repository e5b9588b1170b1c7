import { describe, expect, test } from "bun:test";
import { curvesChart, placesChart, ratesChart } from "./chart.ts";

describe("a chart that would mislead is not drawn", () => {
  const curve = (models: number, buckets: number) =>
    ["all", ...Array.from({ length: models }, (_, at) => `m${at}`)].flatMap((model) =>
      Array.from({ length: buckets }, (_, at) => ({
        ...{ version: "plain", model, setting: "solo", difficulty: at / 10, rate: 0.5 },
        ...{ passed: 1, tries: 2, wilson_low: 0.1, wilson_high: 0.9 },
      })),
    );
  test.each([
    [1, 10, 0],
    [2, 10, 0],
    [3, 3, 0],
    [3, 4, 4],
    [5, 10, 10],
  ])("a curve of %d models and %d buckets has %d points", (models, buckets, points) => {
    const chart = curvesChart(curve(models, buckets));
    expect(chart.form === "curves" && chart.points.length).toBe(points);
    expect(chart.note === undefined).toBe(points > 0);
    if (points === 0) expect(chart.note).toContain(`here are ${models} and ${buckets}`);
  });

  test("few attempts are counted, and the chart says so", () => {
    const row = (run: string, pairs: number) => ({
      ...{ run, pairs, passed: 1, pending: 0, faults: 0, pass_rate: 1 / pairs },
      ...{ wilson_low: 0, wilson_high: 1, conflicts: null, conflict_rate: null },
    });
    const who = () => "coop" as const;
    const columns = {
      ...{ who, label: () => "r", rate: "pass_rate", interval: "wilson" },
      of: ({ passed, pairs }: { passed?: unknown; pairs?: unknown }) =>
        [Number(passed), Number(pairs)] as const,
    };
    const place = () => "p";
    for (const [pairs, said] of [
      [4, true],
      [5, false],
    ] as const)
      for (const chart of [
        ratesChart([row("a", pairs)], columns),
        placesChart([row("a", pairs)], { place, who }),
      ])
        expect([pairs, chart.note !== undefined]).toEqual([pairs, said]);
  });
});
