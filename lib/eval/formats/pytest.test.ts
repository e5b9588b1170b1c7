import { type Case, checkCases } from "./cases.ts";

const NORMAL = `============================= test session starts ==============================
collected 10 items

py/test_a.py .FsxXE....                                                  [100%]

==================================== ERRORS ====================================
__________________________ ERROR at setup of test_err __________________________

    @pytest.fixture
>   def boom(): raise RuntimeError("x")
E   RuntimeError: x

py/test_a.py:15: RuntimeError
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________

    def test_bad():
        print("===== 7 passed in 0.1s =====")
        logging.warning("12 passed in 3.0s")
>       assert 1 == 2
E       assert 1 == 2

py/test_a.py:7: AssertionError
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
py/test_a.py::TestC::test_m
  py/test_a.py:20: UserWarning: hi
    def test_m(self): import warnings; warnings.warn("hi")

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
--------------- generated xml file: out/pt.xml ----------------
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
= 1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 0.09s =
`;
const QUIET = `.FsxXE....                                                               [100%]
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
1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 0.07s
`;
const OK = `============================= test session starts ==============================
collected 1 item

ok/test_x.py .                                                           [100%]

============================== 1 passed in 0.01s ===============================
`;
const OK_QUIET = `.                                                                        [100%]
1 passed in 0.01s
`;
const COLLECT = `
==================================== ERRORS ====================================
________________________ ERROR collecting bad/test_z.py ________________________
=========================== short test summary info ============================
ERROR bad/test_z.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
1 error in 0.19s
`;

const CASES: readonly Case[] = [
  {
    title: "reads the ruled summary, not the one that a test printed",
    output: NORMAL,
    counts: [6, 1, 2, 1],
    tests: [`failed py/test_a.py::test_bad`, `error py/test_a.py::test_err`],
  },
  { title: "reads the quiet summary", output: QUIET, counts: [6, 1, 2, 1] },
  {
    title: "reads a failed collection",
    output: `============================= test session starts ==============================
collected 1 item / 1 error

==================================== ERRORS ====================================
________________________ ERROR collecting bad/test_z.py ________________________
=========================== short test summary info ============================
ERROR bad/test_z.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
=============================== 1 error in 0.26s ===============================
`,
    counts: [0, 0, 0, 1],
    tests: [`error bad/test_z.py`],
  },
  { title: "reads a failed quiet collection", output: COLLECT, counts: [0, 0, 0, 1] },
  {
    title: "counts nothing when all is deselected",
    output: `============================= test session starts ==============================
collected 10 items / 10 deselected / 0 selected

============================ 10 deselected in 0.02s ============================
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "counts nothing when all is deselected quietly",
    output: `
10 deselected in 0.01s
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: 'reads "no tests ran"',
    output: `============================= test session starts ==============================
collected 0 items

============================ no tests ran in 0.01s =============================
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: 'reads quiet "no tests ran"',
    output: `
no tests ran in 0.01s
`,
    counts: [0, 0, 0, 0],
  },
  { title: "sums two ruled runs", output: NORMAL + OK, counts: [7, 1, 2, 1], runs: 2 },
  { title: "sums two quiet runs", output: OK_QUIET + QUIET, counts: [7, 1, 2, 1], runs: 2 },
  { title: "sums a ruled and a quiet run", output: OK + OK_QUIET, counts: [2, 0, 0, 0], runs: 2 },
  {
    title: "sums a failed quiet run before a good one",
    output: COLLECT + OK_QUIET,
    counts: [1, 0, 0, 1],
    runs: 2,
  },
  {
    title: "sums a good quiet run before a failed one",
    output: OK_QUIET + COLLECT,
    counts: [1, 0, 0, 1],
    runs: 2,
  },
  {
    title: "keeps the second run when the first died",
    output: `============================= test session starts ==============================
collected 2 items

Fatal Python error: Segmentation fault

============================= test session starts ==============================
collected 1 item

ok/test_x.py .                                                           [100%]

============================== 1 passed in 0.01s ===============================
`,
    counts: [1, 0, 0, 0],
  },
  {
    title: "reads subtests, which are no tests",
    output: `============================= test session starts ==============================
collecting ... collected 2 items

sub/test_s.py::T::test_ok PASSED                                         [ 50%]
sub/test_s.py::T::test_sub\u0020
sub/test_s.py::T::test_sub PASSED                                        [100%]

=================================== FAILURES ===================================
_______________________________ T.test_sub (i=1) _______________________________
=========================== short test summary info ============================
SUBFAILED(i=1) sub/test_s.py::T::test_sub - AssertionError: 1 == 1
================ 1 failed, 2 passed, 2 subtests passed in 0.05s ================
`,
    counts: [2, 1, 0, 0],
  },
  {
    title: "reads every word and a long time",
    output: `============================= test session starts ==============================
= 1 failed, 12 passed, 3 skipped, 4 deselected, 2 xfailed, 1 xpassed, 7 warnings, 2 errors, 1 rerun in 3661.20s (1:01:01) =
`,
    counts: [13, 1, 5, 2],
  },
  {
    title: "reads the seconds of old versions",
    output: `============================= test session starts =============================
=================== 2 failed, 5 passed in 0.12 seconds ========================
`,
    counts: [5, 2, 0, 0],
  },
  { title: "reads CRLF", output: NORMAL.replaceAll("\n", "\r\n"), counts: [6, 1, 2, 1] },
  {
    title: "reads past a progress bar",
    output: `============================= test session starts ==============================
a.py .   [100%]
  0%|     |\r 50%|##   |\r100%|####|\r============================== 1 passed in 0.01s ===============================
`,
    counts: [1, 0, 0, 0],
  },
  {
    title: "takes a lost head: reports give the width",
    output: NORMAL.slice(NORMAL.indexOf("E   RuntimeError")),
    counts: [6, 1, 2, 1],
  },
  {
    title: "takes a summary alone",
    output: `===== 3 passed, 2 failed in 1.23s =====
`,
    counts: [3, 2, 0, 0],
  },
  {
    title: "takes a quiet summary that ends the output",
    output: `3 passed in 0.02s
`,
    counts: [3, 0, 0, 0],
  },
  {
    title: "takes no quiet summary before other words",
    output: `3 passed in 0.02s
but that was the program
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes no words of a program",
    output: `Found 3 errors
5 passed
Tests: 3 passed
2 passed, 1 failed
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "counts no quiet summary behind a header",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-6.2.5, py-1.11.0, pluggy-1.7.0
x.py::test_a ===== 7 passed in 0.1s =====
9 passed in 0.1s
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "leaves out a session that a failed test captured",
    output: `============================= test session starts ==============================
collected 1 item

x.py F [100%]

=================================== FAILURES ===================================
----------------------------- Captured stdout call -----------------------------
============================= test session starts ==============================
collected 1 item

y.py . [100%]

============================== 1 passed in 0.01s ===============================
=========================== short test summary info ============================
FAILED x.py::test_plugin - assert 0
============================== 1 failed in 0.50s ===============================
`,
    counts: [0, 1, 0, 0],
    tests: [`failed x.py::test_plugin`],
  },
  {
    title: "leaves out other runners' summaries inside a session",
    output: `============================= test session starts ==============================
x.py::test_a\u0020

  3 passing (2ms)

test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
running 1 test
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
ok  	pkg	0.1s
Test Suites: 1 passed, 1 total
Tests:       4 passed, 4 total
PASSED

============================== 1 passed in 0.01s ===============================
`,
    counts: [1, 0, 0, 0],
    tests: [`passed x.py::test_a`],
  },
];

checkCases("pytest", CASES);
