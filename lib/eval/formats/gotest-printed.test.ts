import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "V13: a passing test prints starts, FAIL and its package's line",
    output: `=== RUN   TestOuter
=== RUN   TestInner
FAIL
FAIL	ex.com/m	0.01s
    m_test.go:3: === RUN   TestLogged
--- PASS: TestOuter (0.00s)
=== RUN   TestSkip
    m_test.go:4: x
--- SKIP: TestSkip (0.00s)
PASS
coverage: [no statements]
ok  	ex.com/m	0.008s	coverage: [no statements]
`,
    counts: [1, 0, 1, 0],
    tests: ["passed TestOuter", "skipped TestSkip"],
  },
  {
    title: "V13: a passing test prints a failed test with its start",
    output: `=== RUN   TestOuter
=== RUN   TestInner
--- FAIL: TestInner (0.00s)
FAIL	ex.com/other	0.01s
--- PASS: TestOuter (0.00s)
PASS
ok  	ex.com/m	0.003s
`,
    counts: [1, 0, 0, 0],
    tests: ["passed TestOuter"],
  },
  {
    title: "V13: the last line of a path decides",
    output: `=== RUN   TestA
--- PASS: TestA (0.00s)
FAIL	ex.com/m	0.01s
=== RUN   TestB
--- PASS: TestB (0.00s)
PASS
ok  	ex.com/m	0.003s
`,
    counts: [2, 0, 0, 0],
  },
  {
    title: "V13: PASS and ok of an open test are its own",
    output: `=== RUN   TestA
PASS
ok  	ex.com/fake	0.01s
--- PASS: TestA (0.00s)
=== RUN   TestB
--- FAIL: TestB (0.00s)
FAIL
FAIL	ex.com/m	0.003s
FAIL
`,
    counts: [1, 1, 0, 0],
    tests: ["passed TestA", "failed TestB"],
  },
  {
    title: "V5: a package that was made to name its tests, and names none",
    output: "ok  \tex.com/m\t0.004s\n",
    origin: { go_verbose: true },
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "V6: all skipped",
    output: "=== RUN   TestSkip\n--- SKIP: TestSkip (0.00s)\nPASS\nok  \tex.com/m\t0.003s\n",
    origin: { go_verbose: true },
    counts: [0, 0, 1, 0],
  },
];

checkCases("go", CASES);
