import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "reads retries and timeouts, past the list behind the summary",
    output: `────────────
 Nextest run ID 1f79aa0d with nextest profile: default
    Starting 4 tests across 2 binaries (1 test skipped)
        PASS [   0.004s] (1/4) demo tests::a
        FAIL [   0.005s] (2/4) demo tests::b
  stdout ───
    test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
  TRY 1 FAIL [   0.003s] (─────────) demo::it c
  TRY 2 PASS [   0.003s] (3/4) demo::it c
     TIMEOUT [  60.003s] (4/4) demo::it d
────────────
     Summary [  60.010s] 4 tests run: 2 passed (1 flaky), 1 failed, 1 timed out, 1 skipped
   FLAKY 2/2 [   0.003s] (3/4) demo::it c
        FAIL [   0.005s] (2/4) demo tests::b
     TIMEOUT [  60.003s] (4/4) demo::it d
error: test run failed
`,
    counts: [2, 2, 1, 0],
    tests: [
      `passed demo tests::a`,
      `failed demo tests::b`,
      `passed demo::it c`,
      `failed demo::it d`,
    ],
  },
  {
    title: "reads a run of one",
    output: `    Starting 1 test across 1 binary
        PASS [   0.004s] demo a
     Summary [   0.005s] 1 test run: 1 passed, 0 skipped
`,
    counts: [1, 0, 0, 0],
  },
  {
    title: "reads a cancelled run",
    output: `    Starting 5 tests across 1 binary
     Summary [   0.005s] 2/5 tests run: 1 passed, 1 failed, 0 skipped
`,
    counts: [1, 1, 0, 0],
  },
  {
    title: "takes a summary alone",
    output: `     Summary [   0.005s] 2 tests run: 2 passed (1 slow, 1 leaky), 3 skipped
`,
    counts: [2, 0, 3, 0],
  },
  {
    title: "takes no sum that is wrong",
    output: `     Summary [   0.005s] 2 tests run: 3 passed, 0 skipped
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "falls back to results",
    output: `    Starting 2 tests across 1 binary
        PASS [   0.004s] demo a
     SIGSEGV [   0.004s] demo b
`,
    counts: [1, 1, 0, 0],
    runs: 0,
  },
];

checkCases("nextest", CASES);
