import { describe, expect, test } from "bun:test";
import { lostBrackets } from "./lost.ts";

const patch = (path: string, ...lines: string[]) => {
  const [plus, minus] = ["+", "-"].map(
    (tag) => lines.filter((line) => line.startsWith(tag)).length,
  );
  const text = `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,${minus} +1,${plus} @@\n${lines.join("\n")}\n`;
  return Buffer.from(text);
};
const ONE = patch("a.ts", "+function f() {", "+  g();", "+}");
const OTHER = patch("a.ts", "+function h() {", "+  i([1]);", "+}");

type Case = readonly [title: string, merged: Uint8Array, told: readonly string[]];
const CASES: readonly Case[] = [
  [
    "nothing, when both are kept",
    patch("a.ts", "+function f() {", "+  g();", "+}", "+function h() {", "+  i([1]);", "+}"),
    [],
  ],
  [
    "a brace that was kept once",
    patch("a.ts", "+function f() {", "+  g();", "+function h() {", "+  i([1]);", "+}"),
    ["1 closing brace a.ts"],
  ],
  [
    "an opening line that was kept once",
    patch("a.ts", "+function f() {", "+  g();", "+}", "+  i([1]);", "+}"),
    ["1 opening brace a.ts"],
  ],
  [
    "several kinds",
    patch("a.ts", "+function f() {", "+  g(", "+  i([1);"),
    ["1 closing brace a.ts", "1 closing parenthesis a.ts", "1 closing bracket a.ts"],
  ],
  ["nothing in another file's name", patch("b.ts", "+{", "+}"), []],
];

describe("brackets that a merge lost", () => {
  test.each(CASES)("%s", (_title, merged, told) => {
    const found = lostBrackets([ONE, OTHER], merged);
    expect(
      found.map(({ missing, side, name, path }) => `${missing} ${side} ${name} ${path}`),
    ).toEqual([...told]);
  });

  test("are not looked for where a patch itself leaves one open", () => {
    const open = patch("a.ts", '+const sign = "{";');
    expect(lostBrackets([ONE, open], patch("a.ts", "+x {"))).toEqual([]);
  });

  test("nothing is made of a patch that cannot be read", () => {
    expect(lostBrackets([Buffer.from("\0{{")], Buffer.from("}}"))).toEqual([]);
  });
});
