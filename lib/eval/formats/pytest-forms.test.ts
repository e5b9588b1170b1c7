import { expect, test } from "bun:test";
import { judge } from "../judging.ts";
import { type Case, checkCases, readTestOutput } from "./cases.ts";

const HEADER = `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /x
collected 2 items

`;
const BARE_HEADER =
  "============================= test session starts ==============================\n";
const END = "============================== 2 passed in 0.01s ===============================\n";
const OTHER = "=============================== 1 failed in 9.00s ==============================\n";
const PASSES = (
  printed: string,
) => `${HEADER}test_a.py ..                                                             [100%]

==================================== PASSES ====================================
___________________________________ test_one ___________________________________
----------------------------- Captured stdout call -----------------------------
${printed}___________________________________ test_two ___________________________________
----------------------------- Captured stdout call -----------------------------
hello
=========================== short test summary info ============================
PASSED test_a.py::test_one
PASSED test_a.py::test_two
${END}`;
const NAMES = ["passed test_a.py::test_one", "passed test_a.py::test_two"];
const LISTED = "Results (0.05s):\n         2 passed\n";
const VERBOSE = `${HEADER}test_a.py::test_one PASSED                                               [ 50%]
test_a.py::test_two PASSED                                               [100%]

`;

const LEFT = "!!!!!!!!!!!!!!!!!!!!!!!! _pytest.outcomes.Exit: enough !!!!!!!!!!!!!!!!!!!!!!!!!\n";

test.each([
  ["a ruled summary", `${HEADER}test_a.py ..\n\n${END}${LEFT}`],
  ["a quiet summary", `..\n2 passed in 0.01s\n${LEFT}`],
  ["a listed summary", `${HEADER}test_a.py ..\n${LISTED}\n${LEFT}`],
  ["a session that was whole, in a loop", `${HEADER}test_a.py ..\n\n${END}${HEADER}${END}${LEFT}`],
])("V2: a session that a test left by pytest's own word has not concluded: %s", (_, output) => {
  const ending = { exit_code: 0, timed_out: false, oom_killed: false };
  const { outcome, marks } = judge(ending, readTestOutput(output), undefined);
  expect(outcome).not.toBe("passed");
  expect(marks).toContain("unfinished session");
});

const CASES: readonly Case[] = [
  {
    title: "V11: a passing test prints that a session was left",
    output: PASSES(`1 passed in 0.01s\n${LEFT}`),
    counts: [2, 0, 0, 0],
    tests: NAMES,
  },
  ...[30, 100, 200].map(
    (width): Case => ({
      title: `V9: the terminal becomes ${width} wide while the tests run`,
      output: `${HEADER}test_w.py ..${" ".repeat(70)}[100%]\n\n${"=".repeat((width - 20) / 2)} 2 passed in 0.01s ${"=".repeat(Math.ceil((width - 20) / 2) + 1)}\n`,
      counts: [2, 0, 0, 0],
    }),
  ),
  {
    title: "V9: reports of another width",
    output: `${HEADER}test_w.py F.

=================== FAILURES ===================
___________________ test_w1 ____________________
=========== short test summary info ============
FAILED test_w.py::test_w1 - assert 0
========= 1 failed, 1 passed in 0.01s ==========
`,
    counts: [1, 1, 0, 0],
    tests: ["failed test_w.py::test_w1"],
  },
  {
    title: "V10: pytest-pretty",
    output: `${HEADER}test_a.py ..                                                             [100%]\n${LISTED}Test execution completed!\n`,
    counts: [2, 0, 0, 0],
  },
  {
    title: "V10: pytest-pretty, verbose, twice",
    output: `${VERBOSE}${LISTED}${VERBOSE}${LISTED}`,
    counts: [4, 0, 0, 0],
    runs: 2,
  },
  {
    title: "V10: pytest-pretty, quiet",
    output: `..                                                                       [100%]\n${LISTED}`,
    counts: [2, 0, 0, 0],
  },
  {
    title: "V10: pytest-pretty with failures",
    output: `${HEADER}test_f.py .F                                                             [ 66%]
test_f.py:2 test_bad - assert 0…
test_f.py s                                                              [100%]

=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________

E   assert 0

test_f.py:3: AssertionError
                              Summary of Failures
┏━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃  File       ┃  Function  ┃
└─────────────┴────────────┘
Results (0.15s):
         1 failed
         1 passed
         1 skipped
`,
    counts: [1, 1, 1, 0],
  },
  {
    title: "V10: pytest-sugar",
    output: `Test session starts (platform: linux, Python 3.11.7, pytest 9.2.0, pytest-sugar 1.1.1)
cachedir: .pytest_cache
rootdir: /x
plugins: sugar-1.1.1
collecting ... collected 3 items
\r
\r test_f.py::test_ok ✓                                             33% ███▍      

――――――――――――――――――――――――――――――――――― test_bad ―――――――――――――――――――――――――――――――――――
E   assert 0
\r
\r test_f.py::test_bad ⨯                                            67% ██████▋   
\r test_f.py::test_s s                                             100% ██████████
=========================== short test summary info ============================
FAILED test_f.py::test_bad - assert 0

Results (0.09s):
       1 passed
       1 failed
         - test_f.py:3 test_bad
       1 skipped
`,
    counts: [1, 1, 1, 0],
    tests: ["passed test_f.py::test_ok", "failed test_f.py::test_bad", "skipped test_f.py::test_s"],
  },
  {
    title: "V10: words of a program between the list and the end",
    output: `${HEADER}${LISTED}         9 failed of nothing\n         7 birds flew\n`,
    counts: [2, 0, 0, 0],
  },
  ...[
    ["a header", BARE_HEADER],
    ["a header with all that follows it", HEADER],
    ["a session", `${HEADER}x.py F [100%]\n\n${OTHER}`],
    ["sessions with listed summaries", `${HEADER}${LISTED}${HEADER}${LISTED}`],
    ["two sessions", `${HEADER}${OTHER}${HEADER}${OTHER}`],
    ["a summary", OTHER],
    ["a quiet summary", "1 failed in 9.00s\n"],
    ["a listed summary", "Results (9.00s):\n         7 failed\n"],
  ].map(
    ([what = "", printed = ""]): Case => ({
      title: `V11: -rA shows ${what} that a passing test printed`,
      output: PASSES(printed),
      counts: [2, 0, 0, 0],
      // Behind a session that never ends, names may be its own.
      ...(printed === HEADER ? {} : { tests: NAMES }),
    }),
  ),
  {
    title: "V11: and the next session counts as well",
    output: `${PASSES(BARE_HEADER)}${PASSES(`${HEADER}${OTHER}`)}`,
    counts: [4, 0, 0, 0],
    runs: 2,
  },
  {
    title: "V11: -q -s with a header",
    output: `${BARE_HEADER}.hello\n.\n2 passed in 0.01s\n`,
    counts: [2, 0, 0, 0],
  },
  {
    title: "V11: -s with a summary",
    output: `${HEADER}test_a.py ${OTHER}.hello\n.\n\n${END}`,
    counts: [2, 0, 0, 0],
  },
  {
    title: "V11: -v -s with a header and a summary",
    output: `${HEADER}test_a.py::test_one ${BARE_HEADER}${OTHER}PASSED\ntest_a.py::test_two PASSED\n\n${END}`,
    counts: [2, 0, 0, 0],
  },
  {
    title: "collects only",
    output: `${HEADER}<Module test_a.py>\n  <Function test_one>\n\n================= 1/2 tests collected (1 deselected) in 0.01s ==================\n`,
    counts: [0, 0, 0, 0],
  },
];

checkCases("pytest", CASES);
