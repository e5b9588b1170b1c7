import { describe, expect, test } from "bun:test";
import { etaMs, forecastUsd, type Pace, type SpentSoFar } from "./forecast.ts";

describe("the cost of a whole run", () => {
  const cases: [title: string, spent: Partial<SpentSoFar>, expected: number | null][] = [
    ["is what finished attempts cost, times the attempts", { settled_usd: 5, cost_usd: 5 }, 50],
    ["leaves units under way out of the rate", { settled_usd: 5, cost_usd: 9 }, 50],
    ["is never less than is spent", { done: 40, settled_usd: 5, cost_usd: 9 }, 9],
    [
      "of a run with more attempts than planned is what they cost",
      { done: 44, settled_usd: 6, cost_usd: 6 },
      6,
    ],
    ["is unknown before three are finished", { done: 2, settled_usd: 5, cost_usd: 5 }, null],
    ["is known once three are", { done: 3, total: 6, settled_usd: 3, cost_usd: 3 }, 6],
    ["is unknown without a plan", { total: null, settled_usd: 5, cost_usd: 5 }, null],
    ["is unknown where a price is", { settled_usd: 5, cost_usd: 5, unpriced: 1 }, null],
    ["of free work is nothing", {}, 0],
  ];
  test.each(cases)("%s", (_, spent, expected) => {
    const blank = { done: 4, total: 40, settled_usd: 0, cost_usd: 0, unpriced: 0 };
    expect(forecastUsd({ ...blank, ...spent })).toBe(expected);
  });
});

describe("the time left", () => {
  const HOUR = 3_600_000;
  const cases: [
    title: string,
    run: Pace,
    evaluate: Pace,
    window: number | null,
    expected: number | null,
  ][] = [
    [
      "goes by the attempts finished",
      { left: 20, finished: 10 },
      { left: 30, finished: 0 },
      HOUR,
      2 * HOUR,
    ],
    [
      "goes by evaluating where that is slower",
      { left: 20, finished: 10 },
      { left: 30, finished: 5 },
      HOUR,
      6 * HOUR,
    ],
    [
      "goes by running where that is slower",
      { left: 20, finished: 10 },
      { left: 1, finished: 5 },
      HOUR,
      2 * HOUR,
    ],
    [
      "goes by evaluating when nothing else is left",
      { left: 0, finished: 10 },
      { left: 5, finished: 5 },
      HOUR,
      HOUR,
    ],
    [
      "is unknown while no attempt was finished",
      { left: 20, finished: 0 },
      { left: 30, finished: 5 },
      HOUR,
      null,
    ],
    [
      "is unknown when the rest is evaluating and nobody does",
      { left: 0, finished: 9 },
      { left: 5, finished: 0 },
      HOUR,
      null,
    ],
    [
      "is unknown when nobody works",
      { left: 20, finished: 10 },
      { left: 0, finished: 0 },
      null,
      null,
    ],
    ["is nothing when all is done", { left: 0, finished: 0 }, { left: 0, finished: 0 }, null, 0],
  ];
  test.each(cases)("%s", (_, run, evaluate, window_ms, expected) => {
    expect(etaMs({ run, eval: evaluate, window_ms })).toBe(expected);
  });
});
