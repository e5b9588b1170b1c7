import { describe, expect, test } from "bun:test";
import type { Framework } from "./counts.ts";
import { readTestOutput } from "./formats/cases.ts";

const PYTEST = `============================= test session starts ==============================
x.py::test_a PASSED                                                      [100%]

============================== 1 passed in 0.01s ===============================
`;
const JEST =
  "PASS src/a.test.ts\n\nTest Suites: 1 passed, 1 total\nTests:       2 passed, 2 total\n";
const CARGO = `
running 1 test
test a ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
`;
const VITEST = " RUN  v3.0.0 /x\n\n Test Files  1 passed (1)\n      Tests  4 passed (4)\n";
const GO = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tex.com/a\t0.1s\n";
const MOCHA = "\n  group\n    ✔ one\n\n\n  1 passing (3ms)\n\n";

type Case = readonly [title: string, output: string, passed: number, frameworks: Framework[]];
const MIXED: readonly Case[] = [
  ["two frameworks in a row are summed", PYTEST + JEST, 3, ["pytest", "jest"]],
  [
    "four frameworks in a row are summed",
    CARGO + VITEST + GO + MOCHA,
    7,
    ["cargo", "vitest", "go", "mocha"],
  ],
  [
    "a summary inside a Go test is the program's",
    GO.replace("---", `${MOCHA}${CARGO}\n---`),
    1,
    ["go"],
  ],
  [
    "a summary inside a cargo binary is the program's",
    CARGO.replace("\ntest result", `\n${JEST}\ntest result`),
    1,
    ["cargo"],
  ],
  [
    "a summary inside a Vitest run is the program's",
    VITEST.replace("\n\n", `\n${CARGO}\n`),
    4,
    ["vitest"],
  ],
  ["a bare summary loses against a whole one", `${GO}===== 9 passed in 0.1s =====\n`, 1, ["go"]],
  ["a bare summary before a whole one too", `Ran 9 tests in 0.001s\n\nOK\n${CARGO}`, 1, ["cargo"]],
];

describe("outputs of several frameworks", () => {
  for (const [title, output, passed, frameworks] of MIXED)
    test(title, () => {
      const report = readTestOutput(output);
      expect([report.passed, report.failed, report.frameworks]).toEqual([passed, 0, frameworks]);
    });
});

describe("output without a summary", () => {
  test("nothing at all", () => {
    expect(readTestOutput("")).toEqual({
      passed: 0,
      failed: 0,
      skipped: 0,
      errors: 0,
      frameworks: [],
      tests: [],
      runs: 0,
      summary: false,
      units: [],
    });
  });
  test("only the framework that began first is believed", () => {
    const output =
      "=== RUN   TestA\n--- PASS: TestA (0.00s)\nrunning 2 tests\ntest b ... ok\ntest c ... ok\n";
    const report = readTestOutput(output);
    expect([report.passed, report.frameworks, report.summary]).toEqual([1, ["go"], false]);
  });
  test("log lines that sound like results", () => {
    const log =
      "12 passed\n3 tests passed, 0 failed\nok\nPASS\nFAIL\nINFO 5 passed in 2s today\n100% tests passed\n";
    const { passed, failed, runs } = readTestOutput(log);
    expect([passed, failed, runs]).toEqual([0, 0, 0]);
  });
});

describe("every truncation of a real output", () => {
  const outputs = { PYTEST, JEST, CARGO, VITEST, GO, MOCHA };
  for (const [name, output] of Object.entries(outputs))
    test(`${name} never reads more than the whole`, () => {
      const whole = readTestOutput(output).passed;
      for (let end = 0; end <= output.length; end++) {
        const report = readTestOutput(output.slice(0, end));
        expect(report.passed).toBeLessThanOrEqual(whole);
        if (report.runs > 0) expect(report.passed).toBe(whole);
      }
    });
});

describe("hostile text", () => {
  const long = 200_000;
  const texts: Record<string, string> = {
    "endless digits": "1".repeat(long),
    "endless rule": `${"=".repeat(long)} 1 passed in 1s ${"=".repeat(long)}`,
    "endless colons": `${"::".repeat(long)} PASSED`,
    "statuses in a row": " PASSED (".repeat(long / 10),
    "carriage returns": "\r".repeat(long),
    "unfinished escapes": "\u001b[".repeat(long),
    "unfinished links": "\u001b]8;;".repeat(long / 10),
    "spaces before nothing": `ok${" ".repeat(long)}`,
    "a name of the prototype":
      "= constructor =\n= __proto__ =\n(constructor) x\nTests: 1 constructor, 1 total\n",
    "half a surrogate": "\ud83d\n\ude00",
    "no text": "\u0000\u0001\u0002\n".repeat(1000),
  };
  for (const [title, text] of Object.entries(texts))
    test(title, () => {
      const { passed, failed, skipped, errors, runs } = readTestOutput(text);
      expect([passed, failed, skipped, errors, runs]).toEqual([0, 0, 0, 0, 0]);
    });
});

test.each([
  ["whole", PYTEST, true],
  ["cut off", PYTEST.split("\n").slice(0, 2).join("\n"), false],
])("a session whose output is %s", (_, output, concluded) => {
  expect(readTestOutput(output).units.map((unit) => unit.concluded)).toEqual([concluded]);
});
