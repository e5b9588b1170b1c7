// Owns the tests of reading pytest's output; the long ones are its own words, shortened.
import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "reads the ruled summary, not the one that a test printed",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
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
`,
    counts: [6, 1, 2, 1],
    tests: [`failed py/test_a.py::test_bad`, `error py/test_a.py::test_err`],
  },
  {
    title: "reads the quiet summary",
    output: `.FsxXE....                                                               [100%]
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
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 0.07s
`,
    counts: [6, 1, 2, 1],
  },
  {
    title: "names every test of a verbose run",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- venv/bin/python3
rootdir: /tmp/counts-real
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
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- venv/bin/python3
rootdir: /tmp/counts-real
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

    \u001b[0m\u001b[37m@pytest\u001b[39;49;00m.fixture\u001b[90m\u001b[39;49;00m
>   \u001b[94mdef\u001b[39;49;00m\u001b[90m \u001b[39;49;00m\u001b[92mboom\u001b[39;49;00m(): \u001b[94mraise\u001b[39;49;00m \u001b[96mRuntimeError\u001b[39;49;00m(\u001b[33m"\u001b[39;49;00m\u001b[33mx\u001b[39;49;00m\u001b[33m"\u001b[39;49;00m)\u001b[90m\u001b[39;49;00m
\u001b[1m\u001b[31mE   RuntimeError: x\u001b[0m

\u001b[1m\u001b[31mpy/test_a.py\u001b[0m:15: RuntimeError
=================================== FAILURES ===================================
\u001b[31m\u001b[1m___________________________________ test_bad ___________________________________\u001b[0m

    \u001b[0m\u001b[94mdef\u001b[39;49;00m\u001b[90m \u001b[39;49;00m\u001b[92mtest_bad\u001b[39;49;00m():\u001b[90m\u001b[39;49;00m
        \u001b[96mprint\u001b[39;49;00m(\u001b[33m"\u001b[39;49;00m\u001b[33m===== 7 passed in 0.1s =====\u001b[39;49;00m\u001b[33m"\u001b[39;49;00m)\u001b[90m\u001b[39;49;00m
        logging.warning(\u001b[33m"\u001b[39;49;00m\u001b[33m12 passed in 3.0s\u001b[39;49;00m\u001b[33m"\u001b[39;49;00m)\u001b[90m\u001b[39;49;00m
>       \u001b[94massert\u001b[39;49;00m \u001b[94m1\u001b[39;49;00m == \u001b[94m2\u001b[39;49;00m\u001b[90m\u001b[39;49;00m
\u001b[1m\u001b[31mE       assert 1 == 2\u001b[0m

\u001b[1m\u001b[31mpy/test_a.py\u001b[0m:7: AssertionError
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
\u001b[33mWARNING \u001b[0m root:test_a.py:6 12 passed in 3.0s
\u001b[33m=============================== warnings summary ===============================\u001b[0m
py/test_a.py::TestC::test_m
  py/test_a.py:20: UserWarning: hi
    def test_m(self): import warnings; warnings.warn("hi")

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
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
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- venv/bin/python3
rootdir: /tmp/counts-real
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
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
py/test_a.py::TestC::test_m
  py/test_a.py:20: UserWarning: hi
    def test_m(self): import warnings; warnings.warn("hi")

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
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
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- venv/bin/python3
rootdir: /tmp/counts-real
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
[gw1] linux -- Python 3.11.7 venv/bin/python3

    @pytest.fixture
>   def boom(): raise RuntimeError("x")
E   RuntimeError: x

py/test_a.py:15: RuntimeError
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________
[gw0] linux -- Python 3.11.7 venv/bin/python3

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
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
collected 10 items

py/test_a.py .RFsxXRE....                                                [100%]

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
----------------------------- Captured stdout call -----------------------------
===== 7 passed in 0.1s =====
------------------------------ Captured log call -------------------------------
WARNING  root:test_a.py:6 12 passed in 3.0s
=============================== warnings summary ===============================
py/test_a.py::TestC::test_m
  py/test_a.py:20: UserWarning: hi
    def test_m(self): import warnings; warnings.warn("hi")

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
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
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
`,
    counts: [6, 1, 2, 1],
    runs: 0,
  },
  {
    title: "reads a failed collection",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
collected 1 item / 1 error

==================================== ERRORS ====================================
________________________ ERROR collecting bad/test_z.py ________________________
ImportError while importing test module 'bad/test_z.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
/root/.pyenv/versions/3.11.7/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
bad/test_z.py:1: in <module>
    import nope_x
E   ModuleNotFoundError: No module named 'nope_x'
=========================== short test summary info ============================
ERROR bad/test_z.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
=============================== 1 error in 0.26s ===============================
`,
    counts: [0, 0, 0, 1],
    tests: [`error bad/test_z.py`],
  },
  {
    title: "reads a failed quiet collection",
    output: `
==================================== ERRORS ====================================
________________________ ERROR collecting bad/test_z.py ________________________
ImportError while importing test module 'bad/test_z.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
/root/.pyenv/versions/3.11.7/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
bad/test_z.py:1: in <module>
    import nope_x
E   ModuleNotFoundError: No module named 'nope_x'
=========================== short test summary info ============================
ERROR bad/test_z.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
1 error in 0.19s
`,
    counts: [0, 0, 0, 1],
  },
  {
    title: "counts nothing when all is deselected",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
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
  {
    title: "sums two ruled runs",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
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
============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
collected 1 item

ok/test_x.py .                                                           [100%]

============================== 1 passed in 0.01s ===============================
`,
    counts: [7, 1, 2, 1],
    runs: 2,
  },
  {
    title: "sums two quiet runs",
    output: `.                                                                        [100%]
1 passed in 0.01s
.FsxXE....                                                               [100%]
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
=========================== short test summary info ============================
FAILED py/test_a.py::test_bad - assert 1 == 2
ERROR py/test_a.py::test_err - RuntimeError: x
1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 0.07s
`,
    counts: [7, 1, 2, 1],
    runs: 2,
  },
  {
    title: "sums a ruled and a quiet run",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
collected 1 item

ok/test_x.py .                                                           [100%]

============================== 1 passed in 0.01s ===============================
.                                                                        [100%]
1 passed in 0.01s
`,
    counts: [2, 0, 0, 0],
    runs: 2,
  },
  {
    title: "sums a failed quiet run before a good one",
    output: `
==================================== ERRORS ====================================
________________________ ERROR collecting bad/test_z.py ________________________
ImportError while importing test module 'bad/test_z.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
/root/.pyenv/versions/3.11.7/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
bad/test_z.py:1: in <module>
    import nope_x
E   ModuleNotFoundError: No module named 'nope_x'
=========================== short test summary info ============================
ERROR bad/test_z.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
1 error in 0.19s
.                                                                        [100%]
1 passed in 0.01s
`,
    counts: [1, 0, 0, 1],
    runs: 2,
  },
  {
    title: "keeps the second run when the first died",
    output: `============================= test session starts ==============================
collected 2 items

Fatal Python error: Segmentation fault

============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/counts-real
collected 1 item

ok/test_x.py .                                                           [100%]

============================== 1 passed in 0.01s ===============================
`,
    counts: [1, 0, 0, 0],
  },
  {
    title: "reads subtests, which are no tests",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- venv/bin/python3
rootdir: /tmp/counts-real
collecting ... collected 2 items

sub/test_s.py::T::test_ok PASSED                                         [ 50%]
sub/test_s.py::T::test_sub\u0020
sub/test_s.py::T::test_sub PASSED                                        [100%]

=================================== FAILURES ===================================
_______________________________ T.test_sub (i=1) _______________________________

self = <test_s.T testMethod=test_sub>

    def test_sub(self):
        for i in range(3):
>           with self.subTest(i=i): self.assertNotEqual(i,1)
E           AssertionError: 1 == 1

sub/test_s.py:5: AssertionError
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
  {
    title: "reads CRLF",
    output: `============================= test session starts ==============================\r
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- venv/bin/python3\r
rootdir: /tmp/counts-real\r
collecting ... collected 10 items\r
\r
py/test_a.py::test_ok PASSED                                             [ 10%]\r
py/test_a.py::test_bad FAILED                                            [ 20%]\r
py/test_a.py::test_skip SKIPPED (x)                                      [ 30%]\r
py/test_a.py::test_xf XFAIL                                              [ 40%]\r
py/test_a.py::test_xp XPASS                                              [ 50%]\r
py/test_a.py::test_err ERROR                                             [ 60%]\r
py/test_a.py::test_param[x y] PASSED                                     [ 70%]\r
py/test_a.py::test_param[[b]] PASSED                                     [ 80%]\r
py/test_a.py::test_param[::PASSED] PASSED                                [ 90%]\r
py/test_a.py::TestC::test_m PASSED                                       [100%]\r
\r
==================================== ERRORS ====================================\r
__________________________ ERROR at setup of test_err __________________________\r
\r
    @pytest.fixture\r
>   def boom(): raise RuntimeError("x")\r
E   RuntimeError: x\r
\r
py/test_a.py:15: RuntimeError\r
=================================== FAILURES ===================================\r
___________________________________ test_bad ___________________________________\r
\r
    def test_bad():\r
        print("===== 7 passed in 0.1s =====")\r
        logging.warning("12 passed in 3.0s")\r
>       assert 1 == 2\r
E       assert 1 == 2\r
\r
py/test_a.py:7: AssertionError\r
----------------------------- Captured stdout call -----------------------------\r
===== 7 passed in 0.1s =====\r
------------------------------ Captured log call -------------------------------\r
WARNING  root:test_a.py:6 12 passed in 3.0s\r
=============================== warnings summary ===============================\r
py/test_a.py::TestC::test_m\r
  py/test_a.py:20: UserWarning: hi\r
    def test_m(self): import warnings; warnings.warn("hi")\r
\r
-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html\r
=========================== short test summary info ============================\r
FAILED py/test_a.py::test_bad - assert 1 == 2\r
ERROR py/test_a.py::test_err - RuntimeError: x\r
= 1 failed, 5 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 1 error in 0.07s =\r
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
    title: "reads past a progress bar",
    output: `============================= test session starts ==============================
a.py .   [100%]
  0%|     |\r 50%|##   |\r100%|####|\r============================== 1 passed in 0.01s ===============================
`,
    counts: [1, 0, 0, 0],
  },
  {
    title: "takes a lost head: reports give the width",
    output: `E   RuntimeError: x

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
`,
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
    title: "falls back to verbose lines when it was killed",
    output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- venv/bin/python3
rootdir: /tmp/counts-real
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
  {
    title: "counts no summary of another width in a killed run",
    output: `============================= test session starts ==============================
x.py::test_a ===== 7 passed in 0.1s =====
===== 7 passed in 0.1s =====
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
