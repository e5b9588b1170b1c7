import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "reads a mixed run, past what a test printed",
    output: `
\u001b[1m\u001b[30m\u001b[46m RUN \u001b[49m\u001b[39m\u001b[22m \u001b[36mv4.1.12 \u001b[39m\u001b[90mv\u001b[39m

\u001b[90mstdout\u001b[2m | a.spec.mjs\u001b[2m > \u001b[22m\u001b[2mok one
\u001b[22m\u001b[39m Tests  9 passed (9)
      Tests  9 passed (9)

 \u001b[31m❯\u001b[39m a.spec.mjs \u001b[2m(\u001b[22m\u001b[2m6 tests\u001b[22m\u001b[2m | \u001b[22m\u001b[31m1 failed\u001b[39m\u001b[2m | \u001b[22m\u001b[33m1 skipped\u001b[39m\u001b[2m | \u001b[22m\u001b[90m1 todo\u001b[39m\u001b[2m)\u001b[22m\u001b[32m 17\u001b[2mms\u001b[22m\u001b[39m
   \u001b[32m✓\u001b[39m ok one\u001b[32m 4\u001b[2mms\u001b[22m\u001b[39m
\u001b[31m   \u001b[31m×\u001b[31m bad\u001b[39m\u001b[32m 9\u001b[2mms\u001b[22m\u001b[39m
   \u001b[2m\u001b[90m↓\u001b[39m\u001b[22m skp
   \u001b[2m\u001b[90m□\u001b[39m\u001b[22m tdo
     \u001b[32m✓\u001b[39m inner\u001b[32m 0\u001b[2mms\u001b[22m\u001b[39m
     \u001b[32m✓\u001b[39m xf\u001b[32m 1\u001b[2mms\u001b[22m\u001b[39m
 \u001b[32m✓\u001b[39m b.spec.mjs \u001b[2m(\u001b[22m\u001b[2m1 test\u001b[22m\u001b[2m)\u001b[22m\u001b[32m 3\u001b[2mms\u001b[22m\u001b[39m
 \u001b[31m❯\u001b[39m c.spec.mjs \u001b[2m(\u001b[22m\u001b[2m0 test\u001b[22m\u001b[2m)\u001b[22m

\u001b[31m⎯⎯⎯⎯⎯⎯\u001b[39m\u001b[1m\u001b[41m Failed Suites 1 \u001b[49m\u001b[22m\u001b[31m⎯⎯⎯⎯⎯⎯⎯\u001b[39m

\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m c.spec.mjs\u001b[2m [ c.spec.mjs ]\u001b[22m
\u001b[31m\u001b[1mError\u001b[22m: Cannot find package 'nope-x' imported from v/c.spec.mjs\u001b[39m
\u001b[36m \u001b[2m❯\u001b[22m c.spec.mjs:\u001b[2m1:1\u001b[22m\u001b[39m
    \u001b[90m  1|\u001b[39m \u001b[35mimport\u001b[39m \u001b[32m"nope-x"\u001b[39m
    \u001b[90m   |\u001b[39m \u001b[31m^\u001b[39m
    \u001b[90m  2|\u001b[39m

\u001b[31m\u001b[2m⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/2]⎯\u001b[22m\u001b[39m


\u001b[31m⎯⎯⎯⎯⎯⎯⎯\u001b[39m\u001b[1m\u001b[41m Failed Tests 1 \u001b[49m\u001b[22m\u001b[31m⎯⎯⎯⎯⎯⎯⎯\u001b[39m

\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m a.spec.mjs\u001b[2m > \u001b[22mbad
\u001b[31m\u001b[1mAssertionError\u001b[22m: expected 1 to be 2 // Object.is equality\u001b[39m

\u001b[32m- Expected\u001b[39m
\u001b[31m+ Received\u001b[39m

\u001b[32m- 2\u001b[39m
\u001b[31m+ 1\u001b[39m

\u001b[36m \u001b[2m❯\u001b[22m a.spec.mjs:\u001b[2m3:31\u001b[22m\u001b[39m
    \u001b[90m  1|\u001b[39m \u001b[35mimport\u001b[39m {test\u001b[33m,\u001b[39mexpect\u001b[33m,\u001b[39mdescribe\u001b[33m,\u001b[39mit} \u001b[35mfrom\u001b[39m \u001b[32m"vitest"\u001b[39m\u001b[33m;\u001b[39m
    \u001b[90m  2|\u001b[39m test("ok one", () => { console.log(" Tests  9 passed (9)\\n      Tests …
    \u001b[90m  3|\u001b[39m \u001b[34mtest\u001b[39m(\u001b[32m"bad"\u001b[39m\u001b[33m,\u001b[39m () \u001b[33m=>\u001b[39m { \u001b[34mexpect\u001b[39m(\u001b[34m1\u001b[39m)\u001b[33m.\u001b[39m\u001b[34mtoBe\u001b[39m(\u001b[34m2\u001b[39m) })\u001b[33m;\u001b[39m
    \u001b[90m   |\u001b[39m                               \u001b[31m^\u001b[39m
    \u001b[90m  4|\u001b[39m test\u001b[33m.\u001b[39m\u001b[34mskip\u001b[39m(\u001b[32m"skp"\u001b[39m\u001b[33m,\u001b[39m () \u001b[33m=>\u001b[39m {})\u001b[33m;\u001b[39m
    \u001b[90m  5|\u001b[39m test\u001b[33m.\u001b[39m\u001b[34mtodo\u001b[39m(\u001b[32m"tdo"\u001b[39m)\u001b[33m;\u001b[39m

\u001b[31m\u001b[2m⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[2/2]⎯\u001b[22m\u001b[39m


\u001b[2m Test Files \u001b[22m \u001b[1m\u001b[31m2 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m\u001b[90m (3)\u001b[39m
\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[1m\u001b[32m3 passed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[36m1 expected fail\u001b[39m\u001b[2m | \u001b[22m\u001b[33m1 skipped\u001b[39m\u001b[2m | \u001b[22m\u001b[90m1 todo\u001b[39m\u001b[90m (7)\u001b[39m
\u001b[2m   Start at \u001b[22m 09:24:06
\u001b[2m   Duration \u001b[22m 1.12s\u001b[2m (transform 29ms, setup 0ms, import 51ms, tests 21ms, environment 0ms)\u001b[22m

JSON report written to out/vitest.json
`,
    counts: [4, 1, 2, 1],
  },
  {
    title: "names tests in a verbose run",
    output: `
\u001b[1m\u001b[30m\u001b[46m RUN \u001b[49m\u001b[39m\u001b[22m \u001b[36mv4.1.12 \u001b[39m\u001b[90mv\u001b[39m

\u001b[90mstdout\u001b[2m | a.spec.mjs\u001b[2m > \u001b[22m\u001b[2mok one
\u001b[22m\u001b[39m Tests  9 passed (9)
      Tests  9 passed (9)

 \u001b[32m✓\u001b[39m a.spec.mjs\u001b[2m > \u001b[22mok one\u001b[32m 7\u001b[2mms\u001b[22m\u001b[39m
 \u001b[31m×\u001b[39m a.spec.mjs\u001b[2m > \u001b[22mbad\u001b[32m 12\u001b[2mms\u001b[22m\u001b[39m
\u001b[31m   → expected 1 to be 2 // Object.is equality\u001b[39m
 \u001b[2m\u001b[90m↓\u001b[39m\u001b[22m a.spec.mjs\u001b[2m > \u001b[22mskp
 \u001b[2m\u001b[90m□\u001b[39m\u001b[22m a.spec.mjs\u001b[2m > \u001b[22mtdo
 \u001b[32m✓\u001b[39m a.spec.mjs\u001b[2m > \u001b[22mgrp\u001b[2m > \u001b[22minner\u001b[32m 0\u001b[2mms\u001b[22m\u001b[39m
 \u001b[32m✓\u001b[39m a.spec.mjs\u001b[2m > \u001b[22mgrp\u001b[2m > \u001b[22mxf\u001b[32m 2\u001b[2mms\u001b[22m\u001b[39m
 \u001b[32m✓\u001b[39m b.spec.mjs\u001b[2m > \u001b[22mb1\u001b[32m 2\u001b[2mms\u001b[22m\u001b[39m

\u001b[31m⎯⎯⎯⎯⎯⎯\u001b[39m\u001b[1m\u001b[41m Failed Suites 1 \u001b[49m\u001b[22m\u001b[31m⎯⎯⎯⎯⎯⎯⎯\u001b[39m

\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m c.spec.mjs\u001b[2m [ c.spec.mjs ]\u001b[22m
\u001b[31m\u001b[1mError\u001b[22m: Cannot find package 'nope-x' imported from v/c.spec.mjs\u001b[39m
\u001b[36m \u001b[2m❯\u001b[22m c.spec.mjs:\u001b[2m1:1\u001b[22m\u001b[39m
    \u001b[90m  1|\u001b[39m \u001b[35mimport\u001b[39m \u001b[32m"nope-x"\u001b[39m
    \u001b[90m   |\u001b[39m \u001b[31m^\u001b[39m
    \u001b[90m  2|\u001b[39m

\u001b[31m\u001b[2m⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯\u001b[22m\u001b[39m
\u001b[31m\u001b[1mSerialized Error:\u001b[22m\u001b[39m \u001b[90m{ code: 'ERR_MODULE_NOT_FOUND' }\u001b[39m
\u001b[31m\u001b[2m⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/2]⎯\u001b[22m\u001b[39m


\u001b[31m⎯⎯⎯⎯⎯⎯⎯\u001b[39m\u001b[1m\u001b[41m Failed Tests 1 \u001b[49m\u001b[22m\u001b[31m⎯⎯⎯⎯⎯⎯⎯\u001b[39m

\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m a.spec.mjs\u001b[2m > \u001b[22mbad
\u001b[31m\u001b[1mAssertionError\u001b[22m: expected 1 to be 2 // Object.is equality\u001b[39m

\u001b[32m- Expected\u001b[39m
\u001b[31m+ Received\u001b[39m

\u001b[32m- 2\u001b[39m
\u001b[31m+ 1\u001b[39m

\u001b[36m \u001b[2m❯\u001b[22m a.spec.mjs:\u001b[2m3:31\u001b[22m\u001b[39m
    \u001b[90m  1|\u001b[39m \u001b[35mimport\u001b[39m {test\u001b[33m,\u001b[39mexpect\u001b[33m,\u001b[39mdescribe\u001b[33m,\u001b[39mit} \u001b[35mfrom\u001b[39m \u001b[32m"vitest"\u001b[39m\u001b[33m;\u001b[39m
    \u001b[90m  2|\u001b[39m test("ok one", () => { console.log(" Tests  9 passed (9)\\n      Tests …
    \u001b[90m  3|\u001b[39m \u001b[34mtest\u001b[39m(\u001b[32m"bad"\u001b[39m\u001b[33m,\u001b[39m () \u001b[33m=>\u001b[39m { \u001b[34mexpect\u001b[39m(\u001b[34m1\u001b[39m)\u001b[33m.\u001b[39m\u001b[34mtoBe\u001b[39m(\u001b[34m2\u001b[39m) })\u001b[33m;\u001b[39m
    \u001b[90m   |\u001b[39m                               \u001b[31m^\u001b[39m
    \u001b[90m  4|\u001b[39m test\u001b[33m.\u001b[39m\u001b[34mskip\u001b[39m(\u001b[32m"skp"\u001b[39m\u001b[33m,\u001b[39m () \u001b[33m=>\u001b[39m {})\u001b[33m;\u001b[39m
    \u001b[90m  5|\u001b[39m test\u001b[33m.\u001b[39m\u001b[34mtodo\u001b[39m(\u001b[32m"tdo"\u001b[39m)\u001b[33m;\u001b[39m

\u001b[31m\u001b[2m⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[2/2]⎯\u001b[22m\u001b[39m


\u001b[2m Test Files \u001b[22m \u001b[1m\u001b[31m2 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m\u001b[90m (3)\u001b[39m
\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[1m\u001b[32m3 passed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[36m1 expected fail\u001b[39m\u001b[2m | \u001b[22m\u001b[33m1 skipped\u001b[39m\u001b[2m | \u001b[22m\u001b[90m1 todo\u001b[39m\u001b[90m (7)\u001b[39m
\u001b[2m   Start at \u001b[22m 09:24:09
\u001b[2m   Duration \u001b[22m 1.33s\u001b[2m (transform 43ms, setup 0ms, import 75ms, tests 28ms, environment 1ms)\u001b[22m

`,
    counts: [4, 1, 2, 1],
    tests: [
      `passed a.spec.mjs > ok one`,
      `failed a.spec.mjs > bad`,
      `skipped a.spec.mjs > skp`,
      `skipped a.spec.mjs > tdo`,
      `passed a.spec.mjs > grp > inner`,
      `passed a.spec.mjs > grp > xf`,
      `passed b.spec.mjs > b1`,
    ],
  },
  {
    title: "reads one file",
    output: `
\u001b[1m\u001b[30m\u001b[46m RUN \u001b[49m\u001b[39m\u001b[22m \u001b[36mv4.1.12 \u001b[39m\u001b[90mv\u001b[39m

 \u001b[32m✓\u001b[39m b.spec.mjs \u001b[2m(\u001b[22m\u001b[2m1 test\u001b[22m\u001b[2m)\u001b[22m\u001b[32m 6\u001b[2mms\u001b[22m\u001b[39m

\u001b[2m Test Files \u001b[22m \u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m\u001b[90m (1)\u001b[39m
\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m\u001b[90m (1)\u001b[39m
\u001b[2m   Start at \u001b[22m 09:24:12
\u001b[2m   Duration \u001b[22m 574ms\u001b[2m (transform 25ms, setup 0ms, import 46ms, tests 6ms, environment 0ms)\u001b[22m

`,
    counts: [1, 0, 0, 0],
  },
  {
    title: "counts no test when a filter skipped all",
    output: `
\u001b[1m\u001b[30m\u001b[46m RUN \u001b[49m\u001b[39m\u001b[22m \u001b[36mv4.1.12 \u001b[39m\u001b[90mv\u001b[39m

 \u001b[2m\u001b[90m↓\u001b[39m\u001b[22m a.spec.mjs \u001b[2m(\u001b[22m\u001b[2m6 tests\u001b[22m\u001b[2m | \u001b[22m\u001b[33m6 skipped\u001b[39m\u001b[2m)\u001b[22m
 \u001b[31m❯\u001b[39m c.spec.mjs \u001b[2m(\u001b[22m\u001b[2m0 test\u001b[22m\u001b[2m)\u001b[22m
 \u001b[2m\u001b[90m↓\u001b[39m\u001b[22m b.spec.mjs \u001b[2m(\u001b[22m\u001b[2m1 test\u001b[22m\u001b[2m | \u001b[22m\u001b[33m1 skipped\u001b[39m\u001b[2m)\u001b[22m

\u001b[31m⎯⎯⎯⎯⎯⎯\u001b[39m\u001b[1m\u001b[41m Failed Suites 1 \u001b[49m\u001b[22m\u001b[31m⎯⎯⎯⎯⎯⎯⎯\u001b[39m

\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m c.spec.mjs\u001b[2m [ c.spec.mjs ]\u001b[22m
\u001b[31m\u001b[1mError\u001b[22m: Cannot find package 'nope-x' imported from v/c.spec.mjs\u001b[39m
\u001b[36m \u001b[2m❯\u001b[22m c.spec.mjs:\u001b[2m1:1\u001b[22m\u001b[39m
    \u001b[90m  1|\u001b[39m \u001b[35mimport\u001b[39m \u001b[32m"nope-x"\u001b[39m
    \u001b[90m   |\u001b[39m \u001b[31m^\u001b[39m
    \u001b[90m  2|\u001b[39m

\u001b[31m\u001b[2m⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯\u001b[22m\u001b[39m


\u001b[2m Test Files \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[33m2 skipped\u001b[39m\u001b[90m (3)\u001b[39m
\u001b[2m      Tests \u001b[22m \u001b[33m7 skipped\u001b[39m\u001b[90m (7)\u001b[39m
\u001b[2m   Start at \u001b[22m 09:24:14
\u001b[2m   Duration \u001b[22m 1.11s\u001b[2m (transform 34ms, setup 0ms, import 55ms, tests 0ms, environment 0ms)\u001b[22m

`,
    counts: [0, 0, 7, 1],
  },
  {
    title: "finds no run without files",
    output: `
\u001b[1m\u001b[30m\u001b[46m RUN \u001b[49m\u001b[39m\u001b[22m \u001b[36mv4.1.12 \u001b[39m\u001b[90mv\u001b[39m

\u001b[31mNo test files found, exiting with code 1
\u001b[39m
\u001b[2mfilter: \u001b[22m\u001b[33mzzz\u001b[39m
\u001b[2minclude: \u001b[22m\u001b[33m**/*.{test,spec}.?(c|m)[jt]s?(x)\u001b[39m
\u001b[2mexclude:  \u001b[22m\u001b[33m**/node_modules/**\u001b[2m, \u001b[22m**/.git/**\u001b[39m

`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "reads no tests",
    output: ` RUN  v1.0.0 /x

 Test Files  1 failed (1)
      Tests  no tests
   Start at  10:00:00
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "adds unhandled errors",
    output: ` Test Files  1 passed (1)
      Tests  2 passed (2)
     Errors  1 error
   Start at  10:00:00
`,
    counts: [2, 0, 0, 1],
  },
  {
    title: "takes a summary alone",
    output: ` Test Files  1 failed | 1 passed (2)
 Tests  2 failed | 15 passed | 1 skipped (18)
`,
    counts: [15, 2, 1, 0],
  },
  {
    title: "sums runs",
    output: ` RUN  v1.0.0 /x

 Test Files  1 passed (1)
      Tests  2 passed (2)
 RUN  v1.0.0 /x

 Test Files  1 passed (1)
      Tests  2 passed (2)
`,
    counts: [4, 0, 0, 0],
    runs: 2,
  },
  {
    title: "takes no tests without files",
    output: `      Tests  9 passed (9)
 Test Files  1 passed (1)

      Tests  9 passed (9)
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes no wrong sum",
    output: ` Test Files  1 passed (1)
      Tests  9 passed (8)
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "V12: a passing test prints a summary",
    output: `
 RUN  v2.1.9 /tmp/js

stdout | v/a.test.js > a
 Test Files  1 failed (1)
      Tests  1 failed (1)

 ✓ v/a.test.js (2 tests) 3ms

 Test Files  1 passed (1)
      Tests  2 passed (2)
   Start at  00:18:11
   Duration  510ms (transform 46ms, setup 0ms, collect 15ms, tests 3ms, environment 0ms, prepare 108ms)

`,
    counts: [2, 0, 0, 0],
  },
];

checkCases("vitest", CASES);
