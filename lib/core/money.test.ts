import { describe, expect, test } from "bun:test";
import { addUp, type Sum, shortUsdText, sumText, usdText } from "./money.ts";

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

test.each([
  [0, "$0.00", "$0.00"],
  [0.0123, "$0.0123", "$0.01"],
  [0.0949, "$0.0949", "$0.09"],
  [0.095, "$0.10", "$0.10"],
  [12.5, "$12.50", "$12.50"],
  [999.994, "$999.99", "$999.99"],
  [1234.5, "$1234.50", "$1235"],
])("%p US dollars are %s, and %s where there is little room", (usd, text, short) => {
  expect([usdText(usd), shortUsdText(usd)]).toEqual([text, short]);
});

describe("S11: a sum", () => {
  test.each(CASES)("of %j", (parts, sum, text) => {
    expect(addUp(parts)).toEqual(sum);
    const write = (usd: number | null) => (usd === null ? "?" : `$${usd.toFixed(2)}`);
    expect(sumText(sum, write)).toBe(text);
  });
});
