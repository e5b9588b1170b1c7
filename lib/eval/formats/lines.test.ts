import { expect, test } from "bun:test";
import { forEachLine } from "./lines.ts";

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["empty output", "", []],
  ["final newline", "a\nb\n", ["a", "b"]],
  ["no final newline", "a\n\nb", ["a", "", "b"]],
  ["CRLF and spaces at the end", "a \r\n b\t\r\n", ["a", " b"]],
  ["progress bar", " 10%\r 50%\r100%\r\ndone\r", ["100%", "done"]],
  ["text over a bar", "loading\r\u001b[2K1 passed", ["1 passed"]],
  ["colours", "\u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m \u001b[0m", ["1 passed"]],
  ["charset switch of terminfo", "\u001b[32mok\u001b(B\u001b[m", ["ok"]],
  ["hyperlink", "\u001b]8;;http://x\u0007name\u001b]8;;\u0007", ["name"]],
  [
    "long line keeps both ends",
    `start${"x".repeat(5000)}end`,
    [`start${"x".repeat(495)}…${"x".repeat(497)}end`],
  ],
  ["long coloured line", "\u001b[32m.\u001b[0m".repeat(400), [".".repeat(400)]],
];

for (const [title, output, lines] of CASES)
  test(title, () => {
    const seen: string[] = [];
    const numbers: number[] = [];
    forEachLine(output, (text, number) => {
      seen.push(text);
      numbers.push(number);
    });
    expect(seen).toEqual([...lines]);
    expect(numbers).toEqual(lines.map((_, index) => index));
  });
