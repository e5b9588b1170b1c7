import { expect, test } from "bun:test";
import { peerCounts } from "./peer.ts";

/** Title, output, passed, failed. The numbers were taken from the peer's own program, but for the one that no program means. */
const CASES: readonly (readonly [string, string, number, number])[] = [
  ["nothing", "", 0, 0],
  ["jest", "Tests:       2 failed, 15 passed, 17 total", 15, 2],
  ["jest over lines", "Tests:\n\n 1 failed,\n 2 passed", 2, 1],
  [
    "jest with skipped tests falls through",
    "Tests:       1 failed, 2 skipped, 15 passed, 18 total",
    15,
    1,
  ],
  ["jest's zero is final", "Tests: 0 passed\n===== 5 passed in 1s =====", 0, 0],
  ["pytest", "===== 3 passed, 2 failed in 1.23s =====", 3, 2],
  ["errors are failures", "===== 1 passed, 1 failed, 2 error in 1.23s =====", 1, 3],
  ["a printed word counts", "Found 3 errors\n===== 5 passed in 1.23s =====", 5, 3],
  ["only the first of two runs", "== 1 passed in 1s ==\n== 2 failed, 3 passed in 1s ==", 1, 2],
  ["the first number may be inside a word", "abc12 passed", 12, 0],
  ["only a digit right before the word counts", "x passed, 4 passed", 4, 0],
  [
    "go, subtests too",
    "--- PASS: TestA (0.00s)\n    --- PASS: TestA/b (0.00s)\n--- FAIL: TestC (0s)",
    2,
    1,
  ],
  ["go packages", "ok  \ta\t0.022s\nok  \tb\t0.011s [no tests to run]\n", 2, 0],
  ["a failed package hides the good ones", "ok  \ta\t0.022s\nFAIL\tb [build failed]\n", 0, 1],
  ["the lone FAIL takes the next line's word", "FAIL\tb\t0.1s\nFAIL\nexit status 1\n", 0, 2],
  ["the last FAIL is alone", "FAIL\tb\t0.1s\nFAIL\n", 0, 1],
  ["a number that no program means", `${"9".repeat(400)} passed, 1 error`, 10 ** 15, 1],
  ["a carriage return starts no line", "x\rok a 0.1s", 0, 0],
  ["cargo, by pytest's words", "test result: ok. 4 passed; 1 failed; 0 ignored", 4, 1],
  [
    "cargo, the first binary empty",
    "test result: ok. 0 passed; 0 failed;\ntest result: ok. 7 passed; 0 failed;",
    0,
    0,
  ],
  [
    "cargo, the first line lacks its failures",
    "0 passed 0 failed\ntest result: 0 passed\ntest result: ok. 7 passed; 2 failed;",
    7,
    2,
  ],
];

for (const [title, output, passed, failed] of CASES)
  test(title, () => expect(peerCounts(output)).toEqual({ passed, failed }));
