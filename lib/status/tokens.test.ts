import { describe, expect, test } from "bun:test";
import { averageSinceStart, openTokenMeter, type TokenCount } from "./tokens.ts";

const count = (tokens: number, owner = "a", began_ms = 0): TokenCount => ({
  owner,
  tokens,
  began_ms,
});

describe("one look", () => {
  const cases: [title: string, counts: TokenCount[], now_ms: number, expected: number | null][] = [
    ["averages over a life", [count(6000)], 120_000, 3000],
    ["adds processes up", [count(6000), count(500, "b", 60_000)], 120_000, 3500],
    ["takes a newborn for ten seconds old", [count(100)], 1, 600],
    ["of nobody knows nothing", [], 120_000, null],
  ];
  test.each(cases)("%s", (_, counts, now_ms, expected) => {
    expect(averageSinceStart(counts, now_ms)).toBe(expected);
    expect(openTokenMeter()(counts, now_ms)).toBe(expected);
  });
});

describe("many looks", () => {
  type Look = [now_ms: number, counts: TokenCount[]];
  const cases: [title: string, looks: Look[], expected: number | null][] = [
    [
      "count what came since the first",
      [
        [100_000, [count(6000)]],
        [120_000, [count(7000)]],
      ],
      3000,
    ],
    [
      "forget what is older than a minute",
      [
        [0, [count(0)]],
        [40_000, [count(90_000)]],
        [70_000, [count(90_500)]],
      ],
      1000,
    ],
    [
      "count a process that began in between whole",
      [
        [100_000, [count(6000)]],
        [120_000, [count(6000), count(1000, "b", 110_000)]],
      ],
      3000,
    ],
    [
      "leave out one that ended",
      [
        [100_000, [count(6000), count(9000, "b")]],
        [120_000, [count(7000)]],
      ],
      3000,
    ],
    [
      "too close to each other are one look",
      [
        [120_000, [count(6000)]],
        [121_000, [count(9999)]],
      ],
      (9999 * 60_000) / 121_000,
    ],
    [
      "before the clock was set back are forgotten",
      [
        [900_000, [count(6000)]],
        [120_000, [count(6000)]],
      ],
      3000,
    ],
    [
      "of nobody in the end know nothing",
      [
        [100_000, [count(6000)]],
        [120_000, []],
      ],
      null,
    ],
  ];
  test.each(cases)("%s", (_, looks, expected) => {
    const meter = openTokenMeter();
    const rates = looks.map(([now_ms, counts]) => meter(counts, now_ms));
    expect(rates.at(-1)).toBe(expected);
  });
});
