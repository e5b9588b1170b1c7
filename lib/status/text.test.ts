import { describe, expect, test } from "bun:test";
import { shortDuration } from "../core/text.ts";
import { clip, dollars, faultWords, harmless, pairWithin, shortCount } from "./text.ts";

test.each([
  [0, "0s"],
  [59_999, "59s"],
  [60_000, "1m00s"],
  [192_000, "3m12s"],
  [3_599_999, "59m59s"],
  [3_600_000, "1h00m"],
  [8_040_000, "2h14m"],
  [86_399_999, "23h59m"],
  [273_600_000, "3d04h"],
])("%p ms are %s", (ms, expected) => {
  expect(shortDuration(ms)).toBe(expected);
});

test.each([
  [0, 0, "$0.00"],
  [0.414, 0, "$0.41"],
  [999.99, 0, "$999.99"],
  [1234.5, 0, "$1235"],
  [41.2, 2, "≥$41.20"],
  [0, 2, "?"],
  [null, 0, "?"],
])("%p dollars with %p unpriced parts are %s", (usd, unpriced, expected) => {
  expect(dollars(usd, unpriced)).toBe(expected);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1k"],
  [182_345, "182k"],
  [999_499, "999k"],
  [999_500, "1.0M"],
  [1_250_000, "1.3M"],
])("%p is %s", (count, expected) => {
  expect(shortCount(count)).toBe(expected);
});

test("faults are named by how many there are", () => {
  expect(faultWords({ disk_full: 1, engine_gone: 2 })).toBe("engine_gone 2, disk_full 1");
});

describe("a text from outside", () => {
  const cases: [title: string, text: string, expected: string][] = [
    ["keeps its letters", "go test ./… 日本語 👩‍👩‍👧", "go test ./… 日本語 👩‍👩‍👧"],
    ["loses colours", "\x1b[31mred\x1b[0m", "red"],
    ["loses what moves the cursor and clears", "a\x1b[2J\x1b[Hb", "ab"],
    ["shows what is written over", "b\bc\0d", "b␈c␀d"],
    ["loses titles and links", "\x1b]0;title\x07x", "x"],
    ["is one line", "one\n\ttwo\r\nthree\u2028four", "one two three⟨U+2028⟩four"],
    ["keeps its direction", "safe\u202etxt.exe", "safe⟨U+202E⟩txt.exe"],
    ["S7: keeps what has no end", "a\x1b\x9b2Jb\x1b]0;c", "a␛⟨U+009B⟩2Jb␛]0;c"],
  ];
  test.each(cases)("%s", (_, text, expected) => {
    const shown = harmless(text);
    expect(shown).toBe(expected);
    expect(/[\p{Cc}\u202e]/u.test(shown)).toBe(false);
  });
});

test.each([
  ["short", 10, "short"],
  ["exactly 10", 10, "exactly 10"],
  ["longer than 10", 10, "longer th…"],
  ["日本語日本語", 5, "日本…"],
  ["日本語日本語", 4, "日…"],
  ["日本語日本語", 2, "…"],
  ["👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"],
  ["anything", 0, ""],
])("%s in %p columns is %s", (text, width, expected) => {
  expect(clip(text, width)).toBe(expected);
  expect(Bun.stringWidth(clip(text, width))).toBeLessThanOrEqual(width);
});

test.each([
  ["r/go_chi_task/task26/features_1_2", 40, "go_chi_task/task26/features_1_2"],
  ["r/go_chi_task/task26/features_1_2~3", 40, "go_chi_task/task26/features_1_2~3"],
  ["r/go_chi_task/task26/features_1_2~3", 20, "go_chi/26/1_2~3"],
  ["r/huggingface_datasets_task/task7309/features_1_2", 16, "…tasets/7309/1_2"],
  ["r/go_chi_task/task26/features_1_2_3", 5, "…_2_3"],
  ["r/go_chi_task/task26/features_1_2", 1, "…"],
  ["r/go_chi_task/task26/features_1_2", 0, ""],
])("%s in %p columns is %s", (unit, width, expected) => {
  expect(pairWithin(unit, width)).toBe(expected);
});
