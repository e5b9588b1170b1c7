import { describe, expect, test } from "bun:test";
import { isPath, type Mentions, mentionsIn } from "./mentions.ts";

const CASES: readonly [text: string, expected: Mentions][] = [
  ["I edit src/jinja2/tests.py and nothing else.", { paths: 1, lines: 0 }],
  ["See parser.py:12-30, lines 40 to 50 and line 60.", { paths: 1, lines: 3 }],
  ['`mux.go`, (tree.go); "chi/context.go".', { paths: 3, lines: 0 }],
  ["mux.go#L12-L30 and L44", { paths: 1, lines: 2 }],
  ["the folder lib/merge/ and ./run and ../x and a/b/c", { paths: 4, lines: 0 }],
  ["and/or, 24/7, n/a, 1/2, 2026/01/02", { paths: 0, lines: 0 }],
  ["e.g. this, i.e. that, version 1.2.3, v2.0, obj.method()", { paths: 0, lines: 0 }],
  ["https://example.org/a/b.py says so", { paths: 0, lines: 0 }],
  ["Node.js, not node.ts", { paths: 1, lines: 0 }],
  ["three lines, line by line, airline 3, deadlines 5", { paths: 0, lines: 0 }],
  ["README.md twice: README.md", { paths: 2, lines: 0 }],
  ["[link](docs/a.md) and **src/a.ts**", { paths: 2, lines: 0 }],
  ["around line ~2400 of PIL/Image.py...", { paths: 1, lines: 1 }],
  [".gitignore and .go", { paths: 0, lines: 0 }],
  ["", { paths: 0, lines: 0 }],
];

describe("mentions", () => {
  test.each(CASES)("in %p", (text, expected) => {
    expect(mentionsIn(text)).toEqual(expected);
  });

  test("of a word that is absurdly long are none", () => {
    expect(mentionsIn(`${"a/".repeat(200)}b.py`)).toEqual({ paths: 0, lines: 0 });
    expect(isPath(`${"a/".repeat(20)}b.py`)).toBe(true);
  });
});
