// Owns the proof that test files stay out of merges, that everything else keeps its bytes, and that gold loses nothing.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, testData } from "../testing.ts";
import { isTestFile, withoutTests } from "./left-out.ts";

const block = (path: string, kind: "new" | "old" = "old") =>
  [
    `diff --git a/${path} b/${path}`,
    ...(kind === "new"
      ? ["new file mode 100644", "--- /dev/null", `+++ b/${path}`, "@@ -0,0 +1 @@"]
      : [`--- a/${path}`, `+++ b/${path}`, "@@ -1 +1 @@", "-a"]),
    "+b",
    "",
  ].join("\n");

const names: [path: string, isTest: boolean][] = [
  ["tests/test_x.py", true],
  ["Tests/test_image.py", true],
  ["a/__tests__/b.tsx", true],
  ["mux_test.go", true],
  ["src/x.spec.ts", true],
  ["conftest.py", true],
  ["src/jinja2/tests.py", false],
  ["src/testing.py", false],
  ["src/contest/main.py", false],
  ["latest/x.go", false],
];
test.each(names)("%s: a test file is %p", (path, isTest) => {
  expect(isTestFile(path)).toBe(isTest);
});

describe("withoutTests", () => {
  const cases: [what: string, parts: string[], tests: string, kept: number[], rules: string[]][] = [
    ["nothing to leave out", [block("a.py"), block("b.py")], "", [0, 1], []],
    ["the first file", [block("tests/a.py"), block("b.py")], "", [1], ["test file"]],
    ["the last file", [block("a.py"), block("x_test.go")], "", [0], ["test file"]],
    [
      "one in the middle",
      [block("a.py"), block("t/conftest.py", "new"), block("b.py")],
      "",
      [0, 2],
      ["test file"],
    ],
    [
      "what the tests patch touches",
      [block("a.py"), block("data/x.json")],
      block("data/x.json"),
      [0],
      ["tests patch"],
    ],
    [
      "an added runner configuration",
      [block("a.py"), block("pytest.ini", "new")],
      "",
      [0],
      ["result changing"],
    ],
    ["not a changed one", [block("a.py"), block("setup.cfg")], "", [0, 1], []],
    [
      "an added hook",
      [block(".husky/pre-commit", "new"), block("a.py")],
      "",
      [1],
      ["result changing"],
    ],
    [
      "a copy to a name that changes results",
      ["diff --git a/a b/pytest.ini\ncopy from a\ncopy to pytest.ini\n", block("a.py")],
      "",
      [1],
      ["result changing"],
    ],
    [
      "a file whose name is written in an odd way",
      ["--- /dev/null\n+++ b/conftest.py 2020-01-01 00:00:00\n@@ -0,0 +1 @@\n+x\n", block("a.py")],
      "",
      [1],
      ["test file"],
    ],
    ["everything", [block("tests/a.py")], "", [], ["test file"]],
  ];
  test.each(cases)("leaves out %s", (_, parts, tests, kept, rules) => {
    const made = withoutTests(Buffer.from(parts.join("")), [Buffer.from(tests)]);
    expect(Buffer.from(made.patch).toString()).toBe(kept.map((index) => parts[index]).join(""));
    expect(made.left_out.map(({ rule }) => String(rule))).toEqual(rules);
  });

  test("keeps a missing final newline and bytes that are no text", () => {
    const bytes = Buffer.concat([
      Buffer.from(block("tests/a.py")),
      Buffer.from(block("b.bin").slice(0, -1)),
      Buffer.from([0xff, 0x00, 0x0d]),
    ]);
    const kept = Buffer.concat([
      Buffer.from(block("b.bin").slice(0, -1)),
      Buffer.from([0xff, 0x00, 0x0d]),
    ]);
    expect(Buffer.compare(Buffer.from(withoutTests(bytes, []).patch), kept)).toBe(0);
  });
});

describeWith("data", "the gold patches", () => {
  test("lose no byte to any rule", () => {
    const root = testData?.dataset ?? "";
    const features = readdirSync(root, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith("/feature.patch"));
    expect(features).toHaveLength(199);
    for (const path of features) {
      const gold = readFileSync(join(root, path));
      const tests = readFileSync(join(root, path, "../tests.patch"));
      expect({ path, left_out: withoutTests(gold, [tests]).left_out }).toEqual({
        path,
        left_out: [],
      });
    }
  });
});
