import { afterAll, describe, expect, test } from "bun:test";
import { ERAS, type Era, type Outcome, type Path } from "../core/vocabulary.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { compatPatch, runCompat } from "./compat.ts";
import { ERA_RULES } from "./policies/registry.ts";

const block = (path: string, line = "+b") =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n${line}\n`;
const made = (given: string, era: Era) =>
  Buffer.from(compatPatch(Buffer.from(given), era)).toString();

describe("compatPatch, in every era,", () => {
  const cases: [what: string, given: string, expected: string][] = [
    ["leaves an honest patch alone", block("a.py"), block("a.py")],
    ["makes nothing of a blank one", " \n\t\n", ""],
    ["adds a final newline", block("a.py").slice(0, -1), block("a.py")],
    [
      "unescapes shell quotes wherever they stand",
      block("a.py", "+won'\\''t"),
      block("a.py", "+won't"),
    ],
    ["turns CRLF into LF, as reading text does", block("a.py", "+b\r"), block("a.py")],
    ["drops a tests folder", block("tests/x.py") + block("a.py"), block("a.py")],
    ["drops test_ files", block("a.py") + block("src/test_x.py"), block("a.py")],
    [
      "drops the real module src/jinja2/tests.py",
      block("src/jinja2/tests.py") + block("a.py"),
      block("a.py"),
    ],
    ["drops a test_ file at the top too", block("test_x.py"), ""],
    ["knows no conftest.py", block("conftest.py"), block("conftest.py")],
  ];
  test.each(cases)("%s", (_, given, expected) => {
    for (const era of ERAS) expect(made(given, era)).toBe(expected);
  });
});

/** Which eras drop the block of a file. */
const DROPPED: [path: string, by: readonly Era[]][] = [
  ["mux_test.go", ["0.0.29"]],
  ["pkg/mux_test.rs", ["0.0.29"]],
  ["src/form.test.tsx", ["0.0.29"]],
  ["src/form.spec.ts", ["0.0.29"]],
  ["src/main/FooTest.java", ["0.0.29"]],
  ["src/FooTests.cs", ["0.0.29"]],
  ["src/__tests__/form.ts", ["0.0.29"]],
  ["spec/form.rb", ["0.0.29"]],
  ["testdata/in.txt", ["0.0.29"]],
  ["test.py", ["0.0.29"]],
  ["x/test/y.c", ["0.0.14", "0.0.29"]],
  ["x/tests/y.c", ["0.0.14", "0.0.29"]],
  ["x/test_y.c", ["0.0.14", "0.0.29"]],
  ["x/y_test.py", ["0.0.14", "0.0.29"]],
  ["x/tests.py", ["0.0.14", "0.0.29"]],
  // Texts inside other words are tests to the older rule only.
  ["x/latests.py", ["0.0.14"]],
  ["x/y_test.pyi", ["0.0.14", "0.0.29"]],
  ["contest/a.py", []],
  ["protest.py", []],
  ["latest.py", []],
  ["pytest_helper.py", []],
  ["src/test-utils.ts", []],
  ["src/_test.go", []],
  ["src/FooTest.ts", []],
  ["Testdata/in.txt", []],
];
test.each(DROPPED)("%s is a test's to %p", (path, by) => {
  const dropped = ERAS.filter((era) => made(block(path) + block("a.py"), era) === block("a.py"));
  expect(dropped).toEqual([...by]);
  for (const era of ERAS)
    expect(ERA_RULES[era].isTest(`diff --git a/${path} b/${path}`)).toBe(by.includes(era));
});

const place = taskPlace();
/** Four lines to clash in, and a file that git knows nothing of and one that it ignores. */
const task = place.task(`${SMALL_SETUP}
printf '1\\n2\\n3\\n4\\n' > four.txt && echo ignored > .gitignore
git add -A && git -c user.name=t -c user.email=t@localhost commit -qm four
mkdir -p built && echo kept > ignored && echo kept > built/o
`);
afterAll(() => place[Symbol.dispose]());

/** Applies feature and tests, prints how many of the wanted lines there are as tests that pass. */
function lineRunner(wanted: Readonly<Record<number, string>>): Backend {
  const backend = place.backend();
  return {
    ...backend,
    runner: () => ({
      hash: "given",
      path: ({ work_path }) => `${work_path}/run_tests.sh`,
      command: ({ repo_path }, tests, feature) => {
        const id = Number(/tests(\d+)\.patch$/.exec(tests)?.[1]);
        return `cd '${repo_path}' && { [ ! -s '${feature}' ] || git apply '${feature}'; } && [ -e ignored ] && echo 'built survives'
grep -qx '${wanted[id]}' four.txt new.txt 2>/dev/null && echo '1 passed' || { echo '1 failed'; exit 1; }`;
      },
    }),
  };
}

const change = (from: string, to: string) =>
  `diff --git a/four.txt b/four.txt\n--- a/four.txt\n+++ b/four.txt\n@@ -1,4 +1,4 @@\n${[
    "1",
    "2",
    "3",
    "4",
  ]
    .map((line) => (line === from ? `-${from}\n+${to}\n` : ` ${line}\n`))
    .join("")}`;
const both = change("2", "one\n+two").replace("+1,4 @@", "+1,5 @@");
const added = (line: string, count = 1) =>
  `diff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1,${count} @@\n+${line}\n`;
const lost = change("2", "one").replaceAll(" 1\n", " 9\n").replace("-2\n", "-8\n");

type Ended = readonly [outcome: Outcome, path: Path | null];
describe("two patches", () => {
  const cases: [what: string, patches: [string, string], by: Readonly<Record<Era, Ended>>][] = [
    [
      "that merge cleanly",
      [change("1", "one"), added("two")],
      { "0.0.14": ["passed", "clean"], "0.0.29": ["passed", "clean"] },
    ],
    [
      "that conflict: the union of their lines, or agent1's alone, which lacks feature 2",
      [change("2", "one"), change("2", "two")],
      { "0.0.14": ["passed", "union"], "0.0.29": ["conflict", null] },
    ],
    [
      "that conflict, where agent1's has both features",
      [both, change("2", "two")],
      { "0.0.14": ["passed", "union"], "0.0.29": ["passed", "one patch"] },
    ],
    [
      "that are the same",
      [both, both],
      { "0.0.14": ["passed", "clean"], "0.0.29": ["passed", "identical"] },
    ],
    [
      "that are the same, with a wrong count of lines",
      [both.replace("+1,5 @@", "+1,9 @@"), both.replace("+1,5 @@", "+1,9 @@")],
      { "0.0.14": ["failed", "clean"], "0.0.29": ["passed", "identical"] },
    ],
    [
      "of which the second does not apply",
      [both, lost],
      { "0.0.14": ["passed", "clean"], "0.0.29": ["passed", "one patch"] },
    ],
    [
      "of which the first does not apply: half of it is tested, or nothing",
      [lost, both],
      { "0.0.14": ["passed", "clean"], "0.0.29": ["patch does not apply", null] },
    ],
    [
      "of which the first is empty",
      ["", both],
      { "0.0.14": ["passed", "clean"], "0.0.29": ["passed", "clean"] },
    ],
    [
      "that are both empty",
      ["", ""],
      { "0.0.14": ["failed", "clean"], "0.0.29": ["failed", "clean"] },
    ],
  ];
  const wanted = { 1: "one", 2: "two" };
  for (const [what, patches, by] of cases)
    test.each([...ERAS])(`${what}, in %s`, async (era) => {
      const verdict = await judged(era, patches, wanted);
      expect([verdict.outcome, verdict.path]).toEqual([...by[era]]);
      expect(verdict.passed).toBe(verdict.outcome === "passed");
    });

  test("one patch is solo's in every era; build output survives from 0.0.23 on", async () => {
    for (const era of ERAS) {
      const { outcome, path, suites } = await judged(era, [both], wanted);
      expect([outcome, path, suites.length]).toEqual(["passed", "solo", 2]);
      const text = Buffer.from(suites[1]?.output ?? []).toString();
      expect({ era, survives: text.includes("built survives") }).toEqual({
        era,
        survives: era === "0.0.29",
      });
    }
  });
});

async function judged(
  era: Era,
  patches: readonly string[],
  wanted: Readonly<Record<number, string>>,
) {
  return await runCompat(lineRunner(wanted), {
    era,
    task,
    patches: patches.map((text) => Buffer.from(text)),
    tests: [1, 2].map((feature_id) => ({ feature_id, patch: Buffer.from("x") })),
    timeout_ms: 60_000,
    label: "r/pair.compat",
    signal: new AbortController().signal,
  });
}
