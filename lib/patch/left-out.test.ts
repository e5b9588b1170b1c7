import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, testData } from "../core/testing.ts";
import { changed, clean } from "./left-out.fixture.ts";
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
      "no added hook: none is ever run",
      [block(".husky/pre-commit", "new"), block("a.py")],
      "",
      [0, 1],
      [],
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
    const made = withoutTests(Buffer.from(parts.join("")), {
      tests: [Buffer.from(tests)],
      gold: [],
    });
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
    expect(
      Buffer.compare(Buffer.from(withoutTests(bytes, { tests: [], gold: [] }).patch), kept),
    ).toBe(0);
  });
});

describe("P4, P3: what a gold patch touches is source", () => {
  const RENAME = [
    "diff --git a/tests/helper.py b/src/helper.py",
    ...["similarity index 80%", "rename from tests/helper.py", "rename to src/helper.py"],
    ...[
      "--- a/tests/helper.py",
      "+++ b/src/helper.py",
      "@@ -1 +1 @@",
      "-rename from old",
      "+rename from new",
      "",
    ],
  ].join("\n");
  test("a rename out of the tests brings its file, and takes none away", () => {
    const { text, left_out } = clean(RENAME);
    expect(text).toBe(
      RENAME.replace("\nrename from t", "\ncopy from t").replace("\nrename to", "\ncopy to"),
    );
    expect(left_out).toEqual([{ path: "tests/helper.py", rule: "test file" }]);
  });
  test("so does one of a file that the tests patch touches, and a copy", () => {
    const plain = RENAME.replaceAll("tests/helper.py", "data/helper.py");
    expect(clean(plain, { tests: changed("data/helper.py", "-a", "+b") }).left_out).toEqual([
      { path: "data/helper.py", rule: "tests patch" },
    ]);
    const copy = RENAME.replace("\nrename from t", "\ncopy from t").replace(
      "\nrename to",
      "\ncopy to",
    );
    expect(clean(copy)).toMatchObject({ text: copy, left_out: [] });
  });
  test("a rename into the tests stays out", () => {
    const into = RENAME.replaceAll("src/helper.py", "src/helper.tmp")
      .replaceAll("tests/helper.py", "src/helper.py")
      .replaceAll("src/helper.tmp", "tests/helper.py");
    expect(clean(into)).toMatchObject({
      text: "",
      left_out: [{ path: "tests/helper.py", rule: "test file" }],
    });
  });
  const SOURCE: [path: string, gold: string, stays: boolean][] = [
    ["django/test/client.py", "django/test/client.py", true],
    ["django/test/client.py", "django/test/utils.py", true],
    ["django/test/client.py", "django/http/request.py", false],
    ["lib/e2e/encrypt.go", "lib/e2e/encrypt.go", true],
    ["src/latest_test.py", "src/latest_test.py", true],
    ["mux_test.go", "mux.go", false],
    ["src/a.spec.ts", "src/a.ts", false],
    ["tests/test_x.py", "src/x.py", false],
    ["conftest.py", "conftest.py", true],
  ];
  test.each(SOURCE)("%s where gold touches %s: stays is %p", (path, gold, stays) => {
    const patch = changed(path, "-a", "+b");
    const { text } = clean(patch, { gold: [changed(gold, "-a", "+c")] });
    expect(text).toBe(stays ? patch : "");
  });
  test("also where the hidden tests patch touches it: gold is no empty patch", () => {
    const gold = changed("src/x.py", "-a", "+b");
    const tests = `${changed("src/x.py", "-a", "+t")}${changed("data.json", "-a", "+b")}`;
    expect(clean(gold, { tests, gold: [gold] })).toMatchObject({ text: gold, left_out: [] });
    expect(clean(changed("data.json", "-a", "+c"), { tests, gold: [gold] }).text).toBe("");
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
      expect({ path, left_out: withoutTests(gold, { tests: [tests], gold: [] }).left_out }).toEqual(
        {
          path,
          left_out: [],
        },
      );
    }
  });
});
