import { describe, expect, test } from "bun:test";
import { cut, duration, noun, plural, roughDuration, shortDuration } from "./text.ts";

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
