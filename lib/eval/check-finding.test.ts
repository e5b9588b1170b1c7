import { describe, expect, test } from "bun:test";
import type { SuiteOutcome } from "../core/vocabulary.ts";
import { addedTests, ranNone } from "./added-tests.ts";
import { type CheckFacts, type CheckRun, findingOf, stateOf } from "./check-finding.ts";
import { addFile } from "./shell-task.fixture.ts";

const NOTHING: CheckFacts = { ran_none: false, added: [], combined: undefined, gold: undefined };
const run = (outcome: SuiteOutcome, more: Partial<CheckRun> = {}): CheckRun => ({
  ...{
    outcome,
    passed: outcome === "passed" ? 3 : 0,
    failed: 0,
    skipped: 0,
    errors: 0,
    tests: [],
    marks: [],
  },
  ...more,
});
const failing = (...names: string[]): CheckRun =>
  run("failed", { failed: names.length, tests: names.map((name) => ({ name, status: "failed" })) });

describe("V18: tests alone are", () => {
  const CASES: [name: string, run: CheckRun, state: string][] = [
    ["good when they ran and failed", run("failed", { passed: 4, failed: 1 }), "good"],
    ["good when they could not be imported", run("failed", { errors: 2 }), "good"],
    ["good when nothing could be built", run("failed"), "good"],
    ["bad when they pass", run("passed"), "bad"],
    ["unknown when all passed and the runner failed", run("failed", { passed: 4 }), "unknown"],
    ["unknown when they timed out", run("tests timed out"), "unknown"],
    ["unknown when they had no memory", run("out of memory", { failed: 1 }), "unknown"],
    ["unknown when none ran", run("no tests ran"), "unknown"],
    ["unknown when they do not apply", run("tests patch does not apply"), "unknown"],
  ];
  test.each(CASES)("%s", (_, found, state) => {
    expect(stateOf("tests alone", found) as string).toBe(state);
    const { good, unknown } = findingOf("tests alone", [found], NOTHING);
    expect({ good, unknown }).toEqual({ good: state === "good", unknown: state === "unknown" });
  });

  test("V14: gold is good only where its output is read to its end", () => {
    expect(stateOf("gold", run("passed"))).toBe("good");
    const open = run("passed", { marks: ["unfinished session"] });
    expect(findingOf("gold", [open], NOTHING)).toMatchObject({
      good: false,
      cause: "output not read whole",
    });
    const told = run("passed", { marks: ["contradicts its summary"], failed: 1 });
    expect(findingOf("gold", [told], NOTHING)).toMatchObject({ good: true, cause: null });
  });

  test("V25: what ends now so, now so is flaky, and has no cause", () => {
    const found = findingOf("gold", [failing("t"), run("passed"), run("passed")], NOTHING);
    expect(found).toMatchObject({ good: false, flaky: true, unknown: false, cause: null });
  });
});

describe("V16: the cause is", () => {
  const added = ["test_mine"];
  type Case = [
    cause: string | null,
    kind: "tests alone" | "gold" | "combined",
    run: CheckRun,
    facts: Partial<CheckFacts>,
  ];
  const CASES: Case[] = [
    ["the runner runs none of the feature's tests", "gold", run("no tests ran"), {}],
    ["the runner runs none of the feature's tests", "gold", run("passed"), { ran_none: true }],
    [
      "the runner runs none of the feature's tests",
      "tests alone",
      run("passed"),
      { ran_none: true },
    ],
    ["tests do not discriminate", "tests alone", run("passed"), {}],
    ["tests patch does not apply", "gold", run("tests patch does not apply"), {}],
    [
      "another feature's expectations",
      "gold",
      failing("test_mine"),
      { added, gold: "failed", combined: "passed" },
    ],
    [
      "another feature's expectations",
      "combined",
      failing("test_mine"),
      { added, gold: "passed", combined: "failed" },
    ],
    ["drift", "gold", failing("test_mine"), { added, gold: "failed", combined: "failed" }],
    ["drift", "gold", failing("tests/test_old.py::test_theirs"), { added, gold: "failed" }],
    [null, "gold", failing("tests/test_new.py::test_mine"), { added, gold: "failed" }],
    [null, "gold", run("tests timed out"), {}],
  ];
  test.each(CASES)("%s (%s)", (cause, kind, found, facts) => {
    expect(findingOf(kind, [found], { ...NOTHING, ...facts }).cause as string | null).toBe(cause);
  });
});

describe("V16: the names that a tests patch adds", () => {
  const FORMS: [path: string, text: string, names: string[]][] = [
    [
      "tests/test_a.py",
      "def test_one():\n    pass\n\nclass TestB:\n    async def test_two(self):\n        pass",
      ["test_one", "test_two"],
    ],
    ["mux_test.go", "func TestMux(t *testing.T) {\n}\nfunc helper() {}", ["TestMux"]],
    [
      "src/lib.rs",
      "#[test]\n#[ignore]\nfn adds() {}\nfn helper() {}\n#[tokio::test]\nasync fn waits() {}",
      ["adds", "waits"],
    ],
    [
      "a.test.ts",
      'describe("deep", () => {\n  it("is equal", () => {});\n  test.skip(\'other\', f);',
      ["deep", "is equal", "other"],
    ],
    ["conftest.py", "import pytest", []],
  ];
  test.each(FORMS)("of %s", (path, text, names) => {
    const added = addedTests(Buffer.from(addFile(path, text)));
    expect(added).toEqual({ files: names.length > 0 ? [path] : [], names });
  });

  const ADDED = { files: ["tests/test_mine.py"], names: ["test_mine"] };
  const named = (...names: string[]) => names.map((name) => ({ name, status: "passed" }));
  const RAN: [why: string, run: Parameters<typeof ranNone>[1], output: string, none: boolean][] = [
    ["other tests alone, each named", { passed: 2, tests: named("test_a", "test_b") }, "", true],
    [
      "one of them among others",
      { passed: 2, tests: named("test_a", "tests/x.py::test_mine[1]") },
      "",
      false,
    ],
    ["not every pass is named", { passed: 9, tests: named("test_a") }, "", false],
    [
      "pytest tells of other files alone",
      { passed: 9, tests: [] },
      "tests/test_old.py ....   [100%]\n",
      true,
    ],
    [
      "pytest tells of their file",
      { passed: 9, tests: [] },
      "tests/test_old.py ...\ntests/test_mine.py .F\n",
      false,
    ],
    ["dots alone", { passed: 9, tests: [] }, ".........   [100%]\n9 passed in 0.1s\n", false],
    [
      "prose that names a file",
      { passed: 9, tests: [] },
      "running setup.py\nUsing x.py here\n9 passed\n",
      false,
    ],
    [
      "jest tells of other files alone",
      { passed: 9, tests: [] },
      "PASS src/a.test.ts\nPASS src/b.test.ts (5 s)\n",
      true,
    ],
    ["nothing passed", { passed: 0, tests: [] }, "tests/test_old.py FF\n", false],
  ];
  test.each(RAN)("prove that none ran, or not: %s", (_, ran, output, none) => {
    expect(ranNone(ADDED, ran, output)).toBe(none);
  });
});
