import { describe, expect, test } from "bun:test";
import { coloursOf, languageOf, MOST_COLOURED } from "./diff-colour.ts";
import { hunkHtml, sectionOf } from "./diff-lines.ts";
import { changedWords, versionsIn, wordsBetween } from "./diff-words.ts";

const NAMES =
  "a.py a.js a.ts a.go a.rs a.java a.kt a.c a.cpp a.rb a.php a.swift a.scala a.lua a.sql a.sh a.json a.yml a.css a.scss a.html a.md dockerfile makefile".split(
    " ",
  );

describe("the language of a file", () => {
  const cases: [path: string | undefined, language: string | undefined][] = [
    ["src/a.py", "python"],
    ["a.b/c.test.ts", "typescript"],
    ["App.TSX", "typescript"],
    ["main.go", "go"],
    ["src/lib.rs", "rust"],
    ["Cargo.toml", undefined],
    ["conf/a.yml", "yaml"],
    ["Dockerfile", "dockerfile"],
    ["sub/Makefile", "makefile"],
    ["README", undefined],
    ["a.constructor", undefined],
    ["x/__proto__", undefined],
    ["", undefined],
    [undefined, undefined],
  ];
  test.each(cases)("of %p is %p", (path, language) => expect(languageOf(path)).toBe(language));
});

describe("colours", () => {
  const stretches = (lines: string[], language: string | undefined) =>
    coloursOf(lines, language)?.map((line) => line.map(({ end, colour }) => [end, colour]));
  test("cover each line to its end, also where one goes on over several", () => {
    expect(stretches(['x = """a', "b", '""" + 1'], "python")).toEqual([
      [
        [4, undefined],
        [8, "cs"],
      ],
      [[1, "cs"]],
      [
        [3, "cs"],
        [6, undefined],
        [7, "cn"],
      ],
    ]);
    expect(stretches(["", "// a", ""], "go")).toEqual([[], [[4, "cc"]], []]);
  });
  test("are of every language in the table, and loaded when they are asked for", () => {
    for (const name of NAMES)
      expect({ name, lines: stretches(["x"], languageOf(name))?.length }).toEqual({
        name,
        lines: 1,
      });
  });
  test("are none without a language, over long lines and over long texts", () => {
    expect(stretches(["x = 1"], undefined)).toBeUndefined();
    expect(stretches(["#".repeat(401)], "python")).toBeUndefined();
    const many = Array.from({ length: MOST_COLOURED / 10 + 1 }, () => "x = 1 + 2");
    expect(stretches(many, "python")).toBeUndefined();
  });
  // Grammars are search patterns: what makes them search long must still take little. The square of the length shows here.
  test.each(NAMES)("of %s are found soon in texts made to take long", (name) => {
    const language = languageOf(name);
    coloursOf(["x"], language);
    const nasty = ["(", "a.", "a ", "a(", "'\\", "A<", "*_", "/"];
    const began = process.cpuUsage();
    for (const part of nasty) {
      const line = part.repeat(40 / part.length);
      coloursOf(new Array(100).fill(line), language);
    }
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(400);
  });
});

describe("changed words", () => {
  const cases: [cut: string, added: string, gone: string[], came: string[]][] = [
    ["return f(a)", "return f(a, b)", [], [", b"]],
    ["let x = 1;", "let y = 1;", ["x"], ["y"]],
    ["same", "same", [], []],
    ["", "new", [], ["new"]],
    ["  indented", "    indented", ["  "], ["    "]],
    ["naïve 🙂", "naïve 🙃", ["🙂"], ["🙃"]],
  ];
  test.each(cases)("of %j and %j", (cut, added, gone, came) => {
    const found = wordsBetween(cut, added);
    expect(found.cut.map(({ from, to }) => cut.slice(from, to))).toEqual(gone);
    expect(found.added.map(({ from, to }) => added.slice(from, to))).toEqual(came);
  });
  test("are of lines that are versions of each other, in their order", () => {
    const [cut, added] = [
      ["alpha beta gamma", "one two three"],
      ["something else", "alpha beta delta gamma", "one two four three"],
    ];
    expect(versionsIn(cut, added)).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect([...changedWords(cut, added).added.keys()]).toEqual([1, 2]);
    expect(versionsIn(["a b c"], ["x y z"])).toEqual([]);
    expect(versionsIn(new Array(41).fill("a"), ["a"])).toEqual([]);
  });
});

describe("the lines of a file", () => {
  const text = [
    "diff --git a/f.py b/f.py",
    "@@ -3,3 +3,3 @@ def f():",
    " a",
    "-b",
    "+c",
    " d",
    "\\ No newline at end of file",
    "@@ -9 +9,0 @@",
    "-x",
    "-- ",
    "2.1",
  ];
  test("have the numbers that hunks give them, and none is lost", () => {
    const { head, hunks, rest } = sectionOf(text);
    expect(head).toEqual(text.slice(0, 1));
    expect(
      hunks.map(({ lines }) => lines.map(({ kind, old, fresh }) => [kind, old, fresh])),
    ).toEqual([
      [
        ["same", 3, 3],
        ["cut", 4, undefined],
        ["add", undefined, 4],
        ["same", 5, 5],
        ["note", undefined, undefined],
      ],
      [["cut", 9, undefined]],
    ]);
    expect(rest).toEqual(["-- ", "2.1"]);
    const again = hunks.flatMap((hunk) => [
      hunk.head,
      ...hunk.lines.map((line) => line.sign + line.text),
    ]);
    expect([...head, ...again, ...rest]).toEqual(text);
  });
  test("are all header where there is no hunk", () => {
    expect(sectionOf(["a", "b"])).toEqual({ head: ["a", "b"], hunks: [], rest: [] });
  });

  const shownOf = (lines: string[], language?: string) => {
    const [hunk] = sectionOf([`@@ -1,${lines.length} +1,${lines.length} @@`, ...lines]).hunks;
    return hunkHtml(hunk?.lines ?? [], language).shown.text;
  };
  test("are the text again without their marks", () => {
    const lines = [" def f():", "-  return 'a<b' & 1", "+  return 'a<b' & 2  # why", " x"];
    const shown = shownOf(lines, "python");
    expect(shown).toContain('<i class="ck">return</i>');
    expect(shown).toContain("<b>");
    const text = shown
      .replaceAll(/<[^>]*>/g, "")
      .replaceAll("&lt;", "<")
      .replaceAll("&#39;", "'")
      .replaceAll("&amp;", "&");
    expect(text).toBe(`${lines.join("\n")}\n`);
  });
  const MARKS = "\u0301".repeat(40);
  const cases: [name: string, line: string, there: string][] = [
    ["direction", `x = "\u202e1"`, "⟨U+202E⟩"],
    ["escape", `y = "\u001b[31m"`, "y"],
    ["hidden", `i\u200bf = 1`, "⟨U+200B⟩"],
    ["heap of marks", `z = "${MARKS}"`, "marks⟩"],
    ["element", `s = "</span><script>"`, "&lt;script&gt;"],
  ];
  test.each(cases)("show what misleads in them: %s", (_, line, there) => {
    const shown = shownOf([`-${line}`, `+${line} # changed`], "python");
    expect(shown).toContain(there);
    for (const bad of ["\u202e", "\u001b", "\u200b", "\u0301".repeat(7), "<script"])
      expect(shown).not.toContain(bad);
  });
});
