import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "reads a mixed run, past what tests print",
    output: `FAIL j/a.test.js
  ● Console

    console.log
      Tests: 3 passed, 3 total
      Tests:       9 passed, 9 total


  ● bad

    expect(received).toBe(expected) // Object.is equality

    Expected: 2
    Received: 1

      1 | test("ok one", () => { console.log("Tests: 3 passed, 3 total\\nTests:       9 passed, 9 total"); process.stdout.write("Tests:       8 passed, 8 total\\n") });
    > 2 | test("bad", () => { expect(1).toBe(2) });
        |                               ^
      3 | test.skip("skp", () => {});
      4 | test.todo("tdo");
      5 | describe("grp", () => { it("inner", () => {}) });


Tests:       8 passed, 8 total
FAIL j/broken.test.js
  ● Test suite failed to run

    Jest encountered an unexpected token

    Jest failed to parse a file. This happens e.g. when your code or its dependencies use non-standard JavaScript syntax, or when Jest is not configured to support such syntax.




    For information about custom transformations, see:

    Details:

    j/broken.test.js:1
    import nope from "nope-x";

    SyntaxError: Cannot use import statement outside a module


PASS j/b.test.js

Test Suites: 2 failed, 1 passed, 3 total
Tests:       1 failed, 1 skipped, 1 todo, 3 passed, 6 total
Snapshots:   0 total
Time:        1.403 s
Ran all test suites.
Test results written to: ../out/jest.json
`,
    counts: [3, 1, 2, 1],
  },
  {
    title: "names tests in a verbose run",
    output: `  console.log
    Tests: 3 passed, 3 total
    Tests:       9 passed, 9 total


Tests:       8 passed, 8 total
FAIL j/a.test.js
  ✓ ok one (30 ms)
  ✕ bad (6 ms)
  ○ skipped skp
  ✎ todo tdo
  grp
    ✓ inner (1 ms)

  ● bad

    expect(received).toBe(expected) // Object.is equality

    Expected: 2
    Received: 1

      1 | test("ok one", () => { console.log("Tests: 3 passed, 3 total\\nTests:       9 passed, 9 total"); process.stdout.write("Tests:       8 passed, 8 total\\n") });
    > 2 | test("bad", () => { expect(1).toBe(2) });
        |                               ^
      3 | test.skip("skp", () => {});
      4 | test.todo("tdo");
      5 | describe("grp", () => { it("inner", () => {}) });


FAIL j/broken.test.js
  ● Test suite failed to run

    Jest encountered an unexpected token

    Jest failed to parse a file. This happens e.g. when your code or its dependencies use non-standard JavaScript syntax, or when Jest is not configured to support such syntax.




    For information about custom transformations, see:

    Details:

    j/broken.test.js:1
    import nope from "nope-x";

    SyntaxError: Cannot use import statement outside a module


PASS j/b.test.js
  ✓ b1 (1 ms)

Test Suites: 2 failed, 1 passed, 3 total
Tests:       1 failed, 1 skipped, 1 todo, 3 passed, 6 total
Snapshots:   0 total
Time:        0.853 s, estimated 1 s
Ran all test suites.
`,
    counts: [3, 1, 2, 1],
    tests: [
      `passed ok one`,
      `failed bad`,
      `skipped skp`,
      `skipped tdo`,
      `passed inner`,
      `passed b1`,
    ],
  },
  {
    title: "reads through colours",
    output: `\u001b[0m\u001b[7m\u001b[1m\u001b[32m PASS \u001b[39m\u001b[22m\u001b[27m\u001b[0m \u001b[2mj/\u001b[22m\u001b[1mb.test.js\u001b[22m
  \u001b[32m✓\u001b[39m \u001b[2mb1 (3 ms)\u001b[22m

\u001b[1mTest Suites: \u001b[22m\u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m, 1 total
\u001b[1mTests:       \u001b[22m\u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m, 1 total
\u001b[1mSnapshots:   \u001b[22m0 total
\u001b[1mTime:\u001b[22m        0.492 s, estimated 1 s
\u001b[2mRan all test suites\u001b[22m\u001b[2m matching \u001b[22mb.test\u001b[2m.\u001b[22m
`,
    counts: [1, 0, 0, 0],
    tests: [`passed b1`],
  },
  {
    title: "counts no test when a filter skipped all",
    output: `FAIL j/broken.test.js
  ● Test suite failed to run

    Jest encountered an unexpected token

    Jest failed to parse a file. This happens e.g. when your code or its dependencies use non-standard JavaScript syntax, or when Jest is not configured to support such syntax.




    For information about custom transformations, see:

    Details:

    j/broken.test.js:1
    import nope from "nope-x";

    SyntaxError: Cannot use import statement outside a module



Test Suites: 1 failed, 2 skipped, 1 of 3 total
Tests:       6 skipped, 6 total
Snapshots:   0 total
Time:        0.659 s, estimated 1 s
Ran all test suites with tests matching "nothing".
`,
    counts: [0, 0, 6, 1],
  },
  {
    title: "reads the parts in any order",
    output: `Test Suites: 1 passed, 1 total
Tests:       15 passed, 1 failed, 2 skipped, 18 total
Snapshots:   0 total
`,
    counts: [15, 1, 2, 0],
  },
  {
    title: "sums runs",
    output: `Test Suites: 1 passed, 1 total
Tests:       2 skipped, 3 passed, 5 total
Time:        1 s

Test Suites: 1 passed, 1 total
Tests:       2 skipped, 3 passed, 5 total
Time:        1 s

`,
    counts: [6, 0, 4, 0],
    runs: 2,
  },
  {
    title: "reads none",
    output: `Test Suites: 0 total
Tests:       0 total
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "takes no line without its suites",
    output: `Tests: 3 passed
Tests:       3 passed, 3 total
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes no line further down",
    output: `Test Suites: 1 passed, 1 total
words
Tests:       3 passed, 3 total
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes no wrong sum",
    output: `Test Suites: 1 passed, 1 total
Tests:       3 passed, 4 total
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "falls back to marks under a file",
    output: `PASS src/a.test.ts
  group
    ✓ one (3 ms)
    ○ skipped two

    ✓ printed by a test
`,
    counts: [1, 0, 1, 0],
    runs: 0,
    tests: [`passed one`, `skipped two`],
  },
  {
    title: "V12: passing tests print summaries, before and behind their files",
    output: `Test Suites: 1 failed, 1 total
Tests:       1 failed, 1 total
PASS j/a.test.js
  ● Console

    console.log
       RUN  v2.0.0 /x

Test Suites: 1 failed, 1 total
Tests:       1 failed, 1 total
PASS j/b.test.js

Test Suites: 2 passed, 2 total
Tests:       3 passed, 3 total
Snapshots:   0 total
`,
    counts: [3, 0, 0, 0],
  },
  {
    title: "sums two runs of one file each",
    output: `PASS j/a.test.js

Test Suites: 1 passed, 1 total
Tests:       2 passed, 2 total
PASS j/b.test.js

Test Suites: 1 passed, 1 total
Tests:       1 passed, 1 total
`,
    counts: [3, 0, 0, 0],
    runs: 2,
  },
];

checkCases("jest", CASES);
