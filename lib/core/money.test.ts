// Owns the cases of sums with unknown parts: nothing unknown is ever counted or shown as nothing.
import { describe, expect, test } from "bun:test";
import { addUp, type Sum, sumText } from "./money.ts";

const CASES: [parts: (number | null | Sum)[], sum: Sum, text: string][] = [
  [[], { known: 0, unknown: 0 }, "$0.00"],
  [[0, 0], { known: 0, unknown: 0 }, "$0.00"],
  [[1, 0.5], { known: 1.5, unknown: 0 }, "$1.50"],
  [[1, null, null], { known: 1, unknown: 2 }, "≥$1.00"],
  [[null], { known: null, unknown: 1 }, "?"],
  [[0, null], { known: 0, unknown: 1 }, "?"],
  [[{ known: 2, unknown: 3 }, 1], { known: 3, unknown: 3 }, "≥$3.00"],
  [[{ known: null, unknown: 3 }], { known: null, unknown: 3 }, "?"],
  [
    [
      { known: null, unknown: 1 },
      { known: 1, unknown: 0 },
    ],
    { known: 1, unknown: 1 },
    "≥$1.00",
  ],
];

describe("S11: a sum", () => {
  test.each(CASES)("of %j", (parts, sum, text) => {
    expect(addUp(parts)).toEqual(sum);
    const write = (usd: number | null) => (usd === null ? "?" : `$${usd.toFixed(2)}`);
    expect(sumText(sum, write)).toBe(text);
  });
});
