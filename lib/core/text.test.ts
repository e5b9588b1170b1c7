// Owns the cases of money, numbers of things, times and cut texts.
import { describe, expect, test } from "bun:test";
import { cut, duration, noun, plural, roughDuration, shortDuration, usd } from "./text.ts";

describe("money", () => {
  const cases: [amount: number, text: string][] = [
    [0, "$0.00"],
    [0.00004, "$0.0000"],
    [0.0041, "$0.0041"],
    [0.0949, "$0.0949"],
    [0.095, "$0.10"],
    [0.41, "$0.41"],
    [1234.5, "$1234.50"],
  ];
  test.each(cases)("%p is %p", (amount, text) => expect(usd(amount)).toBe(text));
  test("with as many places as are asked for", () => {
    expect([usd(0.05, 2), usd(1234.5, 0), usd(0.5, 4)]).toEqual(["$0.05", "$1235", "$0.5000"]);
  });
});

test("numbers of things", () => {
  expect([0, 1, 2].map((n) => plural(n, "pair"))).toEqual(["0 pairs", "1 pair", "2 pairs"]);
  expect([plural(2, "repository", "repositories"), noun(1, "is", "are")]).toEqual([
    "2 repositories",
    "is",
  ]);
});

describe("a text that is cut", () => {
  const cases: [text: string, most: number, expected: string][] = [
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["", 0, ""],
    ["abcd", 0, "…"],
    ["a😀b", 3, "a…"],
  ];
  test.each(cases)("%p to %p", (text, most, expected) => expect(cut(text, most)).toBe(expected));
});

describe("times", () => {
  const cases: [ms: number, said: string, rough: string, short: string][] = [
    [85, "85 ms", "1 s", "0s"],
    [4_200, "4.2 s", "5 s", "4s"],
    [42_000, "42.0 s", "42 s", "42s"],
    [185_000, "3 min 5 s", "3 min", "3m05s"],
    [7_440_000, "2 h 4 min", "2 h 4 min", "2h04m"],
    [273_600_000, "76 h 0 min", "76 h 0 min", "3d04h"],
  ];
  test.each(cases)("%p ms", (ms, said, rough, short) => {
    expect([duration(ms), roughDuration(ms), shortDuration(ms)]).toEqual([said, rough, short]);
  });
});
