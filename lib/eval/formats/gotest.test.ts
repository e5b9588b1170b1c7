import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "counts top-level tests and lists subtests",
    output: `=== RUN   TestB
=== RUN   TestB/s
=== RUN   TestB/s/deep
--- PASS: TestB (0.00s)
    --- PASS: TestB/s (0.00s)
        --- PASS: TestB/s/deep (0.00s)
=== RUN   TestB2
=== PAUSE TestB2
=== CONT  TestB2
--- PASS: TestB2 (0.00s)
PASS
ok  	ex.com/m/b	(cached)
`,
    counts: [2, 0, 0, 0],
    tests: [`passed TestB`, `passed TestB/s`, `passed TestB/s/deep`, `passed TestB2`],
  },
  {
    title: "takes no result that was never started, and one behind a print",
    output: `=== RUN   TestOne
ok  	fake/pkg	0.1s
5 passed, 1 failed
    a_test.go:3: hello
--- PASS: TestOne (0.00s)
=== RUN   TestTwo
=== RUN   TestTwo/x_y
=== RUN   TestTwo/bad
--- PASS: Fake (0.00s)
    a_test.go:4: no
--- FAIL: TestTwo (0.00s)
    --- PASS: TestTwo/x_y (0.00s)
    --- FAIL: TestTwo/bad (0.00s)
=== RUN   TestSkip
    a_test.go:5: s
--- SKIP: TestSkip (0.00s)
=== RUN   TestNoNl
no newline--- PASS: TestNoNl (0.00s)
=== RUN   FuzzY
=== RUN   FuzzY/seed#0
--- PASS: FuzzY (0.00s)
    --- PASS: FuzzY/seed#0 (0.00s)
=== RUN   Example
--- PASS: Example (0.00s)
FAIL
FAIL	ex.com/m/a	0.005s
FAIL
`,
    counts: [4, 1, 1, 0],
    tests: [
      `passed TestOne`,
      `failed TestTwo`,
      `passed TestTwo/x_y`,
      `failed TestTwo/bad`,
      `skipped TestSkip`,
      `passed TestNoNl`,
      `passed FuzzY`,
      `passed FuzzY/seed#0`,
      `passed Example`,
    ],
  },
  {
    title: "reads many packages: builds, panics, exits",
    output: `# ex.com/m/d [ex.com/m/d.test]
d/d_test.go:3:27: undefined: undefined
=== RUN   TestOne
ok  	fake/pkg	0.1s
5 passed, 1 failed
    a_test.go:3: hello
--- PASS: TestOne (0.00s)
=== RUN   TestTwo
=== RUN   TestTwo/x_y
=== RUN   TestTwo/bad
--- PASS: Fake (0.00s)
    a_test.go:4: no
--- FAIL: TestTwo (0.00s)
    --- PASS: TestTwo/x_y (0.00s)
    --- FAIL: TestTwo/bad (0.00s)
=== RUN   TestSkip
    a_test.go:5: s
--- SKIP: TestSkip (0.00s)
=== RUN   TestNoNl
no newline--- PASS: TestNoNl (0.00s)
=== RUN   FuzzY
=== RUN   FuzzY/seed#0
--- PASS: FuzzY (0.00s)
    --- PASS: FuzzY/seed#0 (0.00s)
=== RUN   Example
--- PASS: Example (0.00s)
FAIL
FAIL	ex.com/m/a	0.012s
=== RUN   TestB
=== RUN   TestB/s
=== RUN   TestB/s/deep
--- PASS: TestB (0.00s)
    --- PASS: TestB/s (0.00s)
        --- PASS: TestB/s/deep (0.00s)
=== RUN   TestB2
=== PAUSE TestB2
=== CONT  TestB2
--- PASS: TestB2 (0.00s)
PASS
ok  	ex.com/m/b	(cached)
?   	ex.com/m/c	[no test files]
FAIL	ex.com/m/d [build failed]
=== RUN   TestE
--- FAIL: TestE (0.00s)
panic: boom [recovered, repanicked]

	gomod/e/e_test.go:3 +0x25
FAIL	ex.com/m/e	0.006s
=== RUN   TestG
--- PASS: TestG (0.00s)
PASS
ok  	ex.com/m/g	(cached)
exit status 3
FAIL	ex.com/m/p	0.002s
FAIL
`,
    counts: [7, 2, 1, 2],
    runs: 6,
  },
  {
    title: "fails the test that a timeout cut",
    output: `=== RUN   TestQ
--- PASS: TestQ (0.00s)
=== RUN   TestSlow
panic: test timed out after 1s
	running tests:


	_testmain.go:48 +0x9b

	gomod/h/h_test.go:4 +0x1d
FAIL	ex.com/m/h	1.011s
FAIL
`,
    counts: [1, 1, 0, 0],
    tests: [`passed TestQ`, `failed TestSlow`],
  },
  {
    title: "counts 1 for a quiet ok package",
    output: `ok  	ex.com/m/b	0.003s	coverage: [no statements]
ok  	ex.com/m/g	0.004s	coverage: 100.0% of statements
?   	ex.com/m/c	[no test files]
`,
    counts: [2, 0, 0, 0],
    runs: 2,
  },
  {
    title: "counts cached packages",
    output: `ok  	ex.com/m/b	(cached)
ok  	ex.com/m/g	(cached)
`,
    counts: [2, 0, 0, 0],
    runs: 2,
  },
  {
    title: "counts nothing for [no tests to run] and [no test files]",
    output: `ok  	ex.com/m/b	0.003s [no tests to run]
ok  	ex.com/m/g	0.005s
?   	ex.com/m/c	[no test files]
`,
    counts: [1, 0, 0, 0],
    runs: 2,
  },
  {
    title: "counts nothing for packages without a match, verbose",
    output: `testing: warning: no tests to run
PASS
ok  	ex.com/m/b	0.003s [no tests to run]
=== RUN   TestG
--- PASS: TestG (0.00s)
PASS
ok  	ex.com/m/g	0.005s
?   	ex.com/m/c	[no test files]
`,
    counts: [1, 0, 0, 0],
    runs: 2,
  },
  {
    title: "counts nothing when no package had tests to run",
    output: `ok  	ex.com/a	0.02s [no tests to run]
ok  	ex.com/b	(cached) [no tests to run]
ok  	ex.com/c	0.01s	coverage: 0.0% of statements [no tests to run]
?   	ex.com/d	[no test files]
`,
    counts: [0, 0, 0, 0],
    runs: 3,
  },
  {
    title: "reads a quiet failure with its named tests",
    output: `--- FAIL: TestTwo (0.00s)
    --- FAIL: TestTwo/bad (0.00s)
        a_test.go:4: no
no newlineFAIL
FAIL	ex.com/m/a	0.005s
FAIL
`,
    counts: [0, 1, 0, 0],
    tests: [`failed TestTwo`, `failed TestTwo/bad`],
  },
  {
    title: "reads a failed build and set-up",
    output: `# ex.com/m/d [ex.com/m/d.test]
FAIL	ex.com/m/d [build failed]
FAIL	ex.com/m/e [setup failed]
FAIL
`,
    counts: [0, 0, 0, 2],
    runs: 2,
  },
  {
    title: "reads a package that ran no test in a verbose output as none",
    output: `=== RUN   TestA
--- PASS: TestA (0.00s)
PASS
ok  	ex.com/a	0.1s
PASS
ok  	ex.com/b	0.1s
`,
    counts: [1, 0, 0, 0],
    runs: 2,
  },
  {
    title: "takes spaces for tabs",
    output: `ok  pkg 0.1s
ok  other (cached)
ok  third 0.1s [no tests to run]
`,
    counts: [2, 0, 0, 0],
    runs: 3,
  },
  {
    title: "takes results whose starts are lost",
    output: `--- PASS: TestFoo (0.00s)
--- FAIL: TestBar (0.01s)
--- PASS: TestBaz (0.00s)
FAIL
`,
    counts: [2, 1, 0, 0],
  },
  {
    title: "falls back to results when it was killed",
    output: `=== RUN   TestQ
--- PASS: TestQ (0.00s)
=== RUN   TestSlow
`,
    counts: [1, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes no package line that an open test prints",
    output: `=== RUN   TestA
ok  	fake	0.1s
3 passed
--- PASS: Fake (0.00s)
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes no other ok",
    output: `ok 1 - tap
ok then
FAIL src/a.test.js (5.2 s)
ok  	pkg
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
];

checkCases("go", CASES);
