import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "reads a mixed run, past what a test printed",
    output: `test_a (test_u.T.test_a) ... OK
Ran 99 tests in 0.1s
ok
test_b (test_u.T.test_b) ... FAIL
test_c (test_u.T.test_c) ... skipped 'no'
test_d (test_u.T.test_d) ... ERROR
test_e (test_u.T.test_e) ... expected failure
test_f (test_u.T.test_f) ... unexpected success
test_sub (test_u.T.test_sub)
Doc string line ...\u0020
  test_sub (test_u.T.test_sub) (i=1)
Doc string line ... FAIL

======================================================================
ERROR: test_d (test_u.T.test_d)
----------------------------------------------------------------------
  File "py/test_u.py", line 7, in test_d
    def test_d(self): raise ValueError("boom")
ValueError: boom

======================================================================
FAIL: test_b (test_u.T.test_b)
----------------------------------------------------------------------
  File "py/test_u.py", line 4, in test_b
    def test_b(self): self.fail("x")
AssertionError: x

======================================================================
FAIL: test_sub (test_u.T.test_sub) (i=1)
Doc string line
----------------------------------------------------------------------
  File "py/test_u.py", line 15, in test_sub
    with self.subTest(i=i): self.assertNotEqual(i,1)
AssertionError: 1 == 1

======================================================================
UNEXPECTED SUCCESS: test_f (test_u.T.test_f)
----------------------------------------------------------------------
Ran 7 tests in 0.002s

FAILED (failures=2, errors=1, skipped=1, expected failures=1, unexpected successes=1)
`,
    counts: [1, 3, 2, 1],
    tests: [
      `failed test_b (test_u.T.test_b)`,
      `skipped test_c (test_u.T.test_c)`,
      `error test_d (test_u.T.test_d)`,
      `skipped test_e (test_u.T.test_e)`,
      `failed test_f (test_u.T.test_f)`,
      `failed test_sub (test_u.T.test_sub)`,
    ],
  },
  {
    title: "reads a quiet run",
    output: `OK
Ran 99 tests in 0.1s
.FsExuF
======================================================================
ERROR: test_d (test_u.T.test_d)
----------------------------------------------------------------------
  File "py/test_u.py", line 7, in test_d
    def test_d(self): raise ValueError("boom")
ValueError: boom

======================================================================
FAIL: test_b (test_u.T.test_b)
----------------------------------------------------------------------
  File "py/test_u.py", line 4, in test_b
    def test_b(self): self.fail("x")
AssertionError: x

======================================================================
FAIL: test_sub (test_u.T.test_sub) (i=1)
Doc string line
----------------------------------------------------------------------
  File "py/test_u.py", line 15, in test_sub
    with self.subTest(i=i): self.assertNotEqual(i,1)
AssertionError: 1 == 1

======================================================================
UNEXPECTED SUCCESS: test_f (test_u.T.test_f)
----------------------------------------------------------------------
Ran 7 tests in 0.001s

FAILED (failures=2, errors=1, skipped=1, expected failures=1, unexpected successes=1)
`,
    counts: [1, 3, 2, 1],
  },
  {
    title: "reads zero tests",
    output: `
----------------------------------------------------------------------
Ran 0 tests in 0.000s

OK
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "reads NO TESTS RAN",
    output: `
----------------------------------------------------------------------
Ran 0 tests in 0.000s

NO TESTS RAN
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "reads skips",
    output: `..s
----------------------------------------------------------------------
Ran 3 tests in 0.001s

OK (skipped=1)
`,
    counts: [2, 0, 1, 0],
  },
  {
    title: "reads errors outside tests",
    output: `E
----------------------------------------------------------------------
Ran 0 tests in 0.001s

FAILED (errors=1)
`,
    counts: [0, 0, 0, 1],
  },
  {
    title: "is never below zero",
    output: `
----------------------------------------------------------------------
Ran 1 test in 0.001s

FAILED (failures=3)
`,
    counts: [0, 3, 0, 0],
  },
  {
    title: "sums two runs",
    output: `.
----------------------------------------------------------------------
Ran 1 test in 0.001s

OK
.
----------------------------------------------------------------------
Ran 1 test in 0.001s

OK
`,
    counts: [2, 0, 0, 0],
    runs: 2,
  },
  {
    title: "takes a run without its rule",
    output: `Ran 3 tests in 0.001s

OK
`,
    counts: [3, 0, 0, 0],
  },
  {
    title: "takes no look-alike",
    output: `Ran 99 tests in 0.1s

OK
Ran 99 tests in 0.100s
OK
Ran 5 tests in 0.100s

OK, done
Ran 2 tests in 0.001s

FAILED (failures=11111111111111111)
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "falls back to result lines",
    output: `test_a (m.T.test_a) ... ok
test_b (m.T.test_b) ... FAIL
`,
    counts: [1, 1, 0, 0],
    runs: 0,
    tests: [`passed test_a (m.T.test_a)`, `failed test_b (m.T.test_b)`],
  },
];

checkCases("unittest", CASES);
