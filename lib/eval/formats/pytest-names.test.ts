import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "names every test of a verbose run",
    output: `============================= test session starts ==============================
collecting ... collected 10 items

py/test_a.py::test_ok PASSED                                             [ 10%]
py/test_a.py::test_bad FAILED                                            [ 20%]
py/test_a.py::test_skip SKIPPED (x)                                      [ 30%]
py/test_a.py::test_xf XFAIL                                              [ 40%]
py/test_a.py::test_xp XPASS                                              [ 50%]
py/test_a.py::test_err ERROR                                             [ 60%]
py/test_a.py::test_param[x y] PASSED                                     [ 70%]
py/test_a.py::test_param[[b]] PASSED                                     [ 80%]
py/test_a.py::test_param[::PASSED] PASSED                                [ 90%]
py/test_a.py::TestC::test_m PASSED                                       [100%]

==================================== ERRORS ====================================
__________________________ ERROR at setup of test_err __________________________
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________
py/test_a.py:7: AssertionError
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
= 1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 0.07s =
`,
    counts: [6, 1, 2, 1],
    tests: [
      `passed py/test_a.py::test_ok`,
      `failed py/test_a.py::test_bad`,
      `skipped py/test_a.py::test_skip`,
      `skipped py/test_a.py::test_xf`,
      `passed py/test_a.py::test_xp`,
      `error py/test_a.py::test_err`,
      `passed py/test_a.py::test_param[x y]`,
      `passed py/test_a.py::test_param[[b]]`,
      `passed py/test_a.py::test_param[::PASSED]`,
      `passed py/test_a.py::TestC::test_m`,
    ],
  },
  {
    title: "reads through colours",
    output: `\u001b[1m============================= test session starts ==============================\u001b[0m
\u001b[1mcollecting ... \u001b[0mcollected 10 items

py/test_a.py::test_ok \u001b[32mPASSED\u001b[0m\u001b[32m                                             [ 10%]\u001b[0m
py/test_a.py::test_bad \u001b[31mFAILED\u001b[0m\u001b[31m                                            [ 20%]\u001b[0m
py/test_a.py::test_skip \u001b[33mSKIPPED\u001b[0m (x)\u001b[31m                                      [ 30%]\u001b[0m
py/test_a.py::test_xf \u001b[33mXFAIL\u001b[0m\u001b[31m                                              [ 40%]\u001b[0m
py/test_a.py::test_xp \u001b[33mXPASS\u001b[0m\u001b[31m                                              [ 50%]\u001b[0m
py/test_a.py::test_err \u001b[31mERROR\u001b[0m\u001b[31m                                             [ 60%]\u001b[0m
py/test_a.py::test_param[x y] \u001b[32mPASSED\u001b[0m\u001b[31m                                     [ 70%]\u001b[0m
py/test_a.py::test_param[[b]] \u001b[32mPASSED\u001b[0m\u001b[31m                                     [ 80%]\u001b[0m
py/test_a.py::test_param[::PASSED] \u001b[32mPASSED\u001b[0m\u001b[31m                                [ 90%]\u001b[0m
py/test_a.py::TestC::test_m \u001b[32mPASSED\u001b[0m\u001b[31m                                       [100%]\u001b[0m

==================================== ERRORS ====================================
\u001b[31m\u001b[1m__________________________ ERROR at setup of test_err __________________________\u001b[0m
=================================== FAILURES ===================================
\u001b[31m\u001b[1m___________________________________ test_bad ___________________________________\u001b[0m
\u001b[1m\u001b[31mpy/test_a.py\u001b[0m:7: AssertionError
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
\u001b[33mWARNING \u001b[0m root:test_a.py:6 12 passed in 3.0s
\u001b[33m=============================== warnings summary ===============================\u001b[0m
\u001b[36m\u001b[1m=========================== short test summary info ============================\u001b[0m
\u001b[31mFAILED\u001b[0m py/test_a.py::\u001b[1mtest_bad\u001b[0m - assert 1 == 2
\u001b[31mERROR\u001b[0m py/test_a.py::\u001b[1mtest_err\u001b[0m - RuntimeError: x
\u001b[31m= \u001b[31m\u001b[1m1 failed\u001b[0m, \u001b[32m5 passed\u001b[0m, \u001b[33m1 skipped\u001b[0m, \u001b[33m1 xfailed\u001b[0m, \u001b[33m1 xpassed\u001b[0m, \u001b[33m1 warning\u001b[0m, \u001b[31m\u001b[1m1 error\u001b[0m\u001b[31m in 0.08s\u001b[0m\u001b[31m =\u001b[0m
`,
    counts: [6, 1, 2, 1],
    tests: [
      `passed py/test_a.py::test_ok`,
      `failed py/test_a.py::test_bad`,
      `skipped py/test_a.py::test_skip`,
      `skipped py/test_a.py::test_xf`,
      `passed py/test_a.py::test_xp`,
      `error py/test_a.py::test_err`,
      `passed py/test_a.py::test_param[x y]`,
      `passed py/test_a.py::test_param[[b]]`,
      `passed py/test_a.py::test_param[::PASSED]`,
      `passed py/test_a.py::TestC::test_m`,
    ],
  },
  {
    title: "reads statuses behind what tests print with -s",
    output: `============================= test session starts ==============================
collecting ... collected 10 items

py/test_a.py::test_ok 5 passed, 3 failed in 2s
Tests: 3 passed
Found 3 errors
PASSED
py/test_a.py::test_bad ===== 7 passed in 0.1s =====
FAILED
py/test_a.py::test_skip SKIPPED (x)
py/test_a.py::test_xf XFAIL
py/test_a.py::test_xp XPASS
py/test_a.py::test_err ERROR
py/test_a.py::test_param[x y] PASSED
py/test_a.py::test_param[[b]] PASSED
py/test_a.py::test_param[::PASSED] PASSED
py/test_a.py::TestC::test_m PASSED

==================================== ERRORS ====================================
__________________________ ERROR at setup of test_err __________________________
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________
py/test_a.py:7: AssertionError
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
= 1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 0.05s =
`,
    counts: [6, 1, 2, 1],
    tests: [
      `passed py/test_a.py::test_ok`,
      `failed py/test_a.py::test_bad`,
      `skipped py/test_a.py::test_skip`,
      `skipped py/test_a.py::test_xf`,
      `passed py/test_a.py::test_xp`,
      `error py/test_a.py::test_err`,
      `passed py/test_a.py::test_param[x y]`,
      `passed py/test_a.py::test_param[[b]]`,
      `passed py/test_a.py::test_param[::PASSED]`,
      `passed py/test_a.py::TestC::test_m`,
    ],
  },
  {
    title: "reads parallel workers",
    output: `============================= test session starts ==============================
created: 2/2 workers
2 workers [10 items]

scheduling tests via LoadScheduling

py/test_a.py::test_ok\u0020
[gw0] [ 10%] PASSED py/test_a.py::test_ok\u0020
py/test_a.py::test_bad\u0020
py/test_a.py::test_skip\u0020
[gw1] [ 20%] SKIPPED py/test_a.py::test_skip\u0020
py/test_a.py::test_xf\u0020
[gw0] [ 30%] FAILED py/test_a.py::test_bad\u0020
py/test_a.py::test_xp\u0020
[gw0] [ 40%] XPASS py/test_a.py::test_xp\u0020
[gw1] [ 50%] XFAIL py/test_a.py::test_xf\u0020
py/test_a.py::test_param[x y]\u0020
[gw0] [ 60%] PASSED py/test_a.py::test_param[x y]\u0020
py/test_a.py::test_err\u0020
[gw1] [ 70%] ERROR py/test_a.py::test_err\u0020
py/test_a.py::test_param[[b]]\u0020
[gw0] [ 80%] PASSED py/test_a.py::test_param[[b]]\u0020
py/test_a.py::TestC::test_m\u0020
[gw0] [ 90%] PASSED py/test_a.py::TestC::test_m\u0020
py/test_a.py::test_param[::PASSED]\u0020
[gw1] [100%] PASSED py/test_a.py::test_param[::PASSED]\u0020

==================================== ERRORS ====================================
__________________________ ERROR at setup of test_err __________________________
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________
py/test_a.py:7: AssertionError
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
= 1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 1.25s =
`,
    counts: [6, 1, 2, 1],
    tests: [
      `passed py/test_a.py::test_ok`,
      `skipped py/test_a.py::test_skip`,
      `failed py/test_a.py::test_bad`,
      `passed py/test_a.py::test_xp`,
      `skipped py/test_a.py::test_xf`,
      `passed py/test_a.py::test_param[x y]`,
      `error py/test_a.py::test_err`,
      `passed py/test_a.py::test_param[[b]]`,
      `passed py/test_a.py::TestC::test_m`,
      `passed py/test_a.py::test_param[::PASSED]`,
    ],
  },
  {
    title: "ignores reruns",
    output: `============================= test session starts ==============================
collected 10 items

py/test_a.py .RFsxXRE....                                                [100%]

==================================== ERRORS ====================================
__________________________ ERROR at setup of test_err __________________________
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________
py/test_a.py:7: AssertionError
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
= 1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error, 2 rerun in 0.10s =
`,
    counts: [6, 1, 2, 1],
  },
  {
    title: "counts progress marks when -qq prints no summary",
    output: `.FsxXE....                                                               [100%]
==================================== ERRORS ====================================
__________________________ ERROR at setup of test_err __________________________
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________
py/test_a.py:7: AssertionError
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
`,
    counts: [6, 1, 2, 1],
    runs: 0,
  },
  {
    title: "falls back to verbose lines when it was killed",
    output: `============================= test session starts ==============================
collecting ... collected 10 items

py/test_a.py::test_ok PASSED                                             [ 10%]
py/test_a.py::test_bad FAILED                                            [ 20%]
py/test_a.py::test_skip SKIPPED (x)                                      [ 30%]
py/test_a.py::test_xf XFAIL                                              [ 40%]
py/test_a.py::test_xp XPASS                                              [ 50%]
py/test_a.py::test_err ERROR                                             [ 60%]
py/test_a.py::test_param[x y] PASSED                                     [ 70%]
`,
    counts: [3, 1, 2, 1],
    runs: 0,
    tests: [
      `passed py/test_a.py::test_ok`,
      `failed py/test_a.py::test_bad`,
      `skipped py/test_a.py::test_skip`,
      `skipped py/test_a.py::test_xf`,
      `passed py/test_a.py::test_xp`,
      `error py/test_a.py::test_err`,
      `passed py/test_a.py::test_param[x y]`,
    ],
  },
];

checkCases("pytest", CASES);
