// Owns the words of test runners and whole outputs of each, for fuzzing what reads them.

const RULE = "-".repeat(70);
const OUTPUTS = [
  "============================= test session starts ==============================\ncollected 3 items\n\na.py::test_a PASSED [ 33%]\na.py::test_b FAILED [ 66%]\n\n=================================== FAILURES ===================================\nE assert 1\n=========================== short test summary info ============================\nFAILED a.py::test_b - assert 1\n==================== 1 failed, 1 passed, 1 skipped in 0.12s ====================\n",
  "..F.s [100%]\n3 passed, 1 failed in 0.10s\n",
  `test_a (t.T) ... ok\ntest_b (t.T) ... FAIL\n\n${RULE}\nRan 2 tests in 0.001s\n\nFAILED (failures=1, skipped=1)\n`,
  "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n    --- FAIL: TestB/x (0.00s)\n--- FAIL: TestB (0.10s)\nFAIL\nFAIL\tgithub.com/x/y\t0.012s\nok  \tgithub.com/x/z\t(cached) [no tests to run]\n",
  "running 2 tests\ntest a::b ... ok\ntest c ... FAILED\n\nfailures:\n    c\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
  "    Starting 2 tests across 1 binary\n        PASS [   0.01s] x a\n        FAIL [   0.01s] x b\n     Summary [   0.01s] 2 tests run: 1 passed (1 slow), 1 failed, 3 skipped\n",
  "PASS src/a.test.js\n  a\n    ✓ works (3 ms)\n    ✕ fails\n    ○ skipped rest\n\nTest Suites: 1 failed, 1 total\nTests:       1 failed, 1 skipped, 1 passed, 3 total\n",
  " RUN  v1.2.3\n\n ✓ a.test.ts (2 tests) 3ms\n   ✓ works 1ms\n   × fails\n\n⎯⎯⎯ Failed Suites 1 ⎯⎯⎯\n Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 2 passed | 1 todo (4)\n     Errors  1 error\n",
  "bun test v1.4.5 (abc)\n\na.test.ts:\n✓ works [0.10ms]\n(fail) fails\n\n 1 pass\n 1 fail\n 2 expect() calls\nRan 2 tests across 1 file. [7.00ms]\n",
  "TAP version 13\n# Subtest: a\nok 1 - a\nnot ok 2 - b # TODO later\n1..2\n# tests 2\n# suites 0\n# pass 1\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 1\n# duration_ms 12.5\n",
  "▶ group\n  ✔ a (1.2ms)\n  ✖ b (0.3ms)\n▶ group (2.0ms)\nℹ tests 2\nℹ pass 1\nℹ fail 1\nℹ duration_ms 5\n",
  "\n  group\n    ✔ works\n    - later\n    1) fails\n\n  1 passing (12ms)\n  1 pending\n  1 failing\n\n",
] as const;

/** Outputs, and two of them one after the other. */
export const TEST_OUTPUTS: readonly string[] = [
  ...OUTPUTS,
  ...OUTPUTS.map((output, at) => `${output}${OUTPUTS[(at + 5) % OUTPUTS.length]}`),
];

/** Their lines, and halves of lines. */
export const TEST_WORDS: readonly string[] = [
  ...new Set(OUTPUTS.flatMap((output) => output.split("\n").map((line) => `${line}\n`))),
  ..."=.-✓✔×▶[](%)s1\t",
  " passed",
  " failed",
  " error",
  "1 passed, ",
  "Tests:",
  "Tests: 1",
  "ok",
  "ok ",
  "FAIL",
  "FAIL\t",
  " coverage: ",
  "test result:",
  " ... ",
  "(0.00s)",
  "--- ",
  "=== RUN   ",
  "\u001b[31m",
  "\u001b[0m",
  "\u001b]8;;x\u0007",
  " in 0.1s",
];
