import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../core/testing.ts";
import { type Case, checkCases, readTestOutput } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "reads a mixed run, past what a test printed",
    output: `bun test v1.4.5 (a7733435c)

b/a.test.ts:
 9 pass
 0 fail
Ran 9 tests across 1 file. [9.00ms]
(pass) ok one [0.04ms]
1 | import {test,expect,describe,it} from "bun:test";
2 | test("ok one", () => { console.log(" 9 pass\\n 0 fail\\nRan 9 tests across 1 file. [9.00ms]"); });
3 | test("bad", () => { expect(1).toBe(2) });
error: expect(received).toBe(expected)

Expected: 2
Received: 1

(fail) bad [0.39ms]
(skip) skp
(todo) tdo
(pass) grp > inner > x [0.01ms]

b/b.test.ts:
(pass) b1 [0.02ms]

 3 pass
 1 skip
 1 todo
 1 fail
 1 expect() calls
Ran 6 tests across 2 files. [16.00ms]
`,
    counts: [3, 1, 2, 0],
    tests: [
      `passed ok one`,
      `failed bad`,
      `skipped skp`,
      `skipped tdo`,
      `passed grp > inner > x`,
      `passed b1`,
    ],
  },
  {
    title: "reads through colours and marks",
    output: `\u001b[0m\u001b[1mbun test \u001b[0m\u001b[2mv1.4.5 (a7733435c)\u001b[0m
\u001b[0m
b/b.test.ts:
\u001b[0m\u001b[32m✓\u001b[0m\u001b[0m\u001b[1m b1\u001b[0m \u001b[0m\u001b[2m[0.04ms\u001b[0m\u001b[2m]\u001b[0m

\u001b[0m\u001b[32m 1 pass\u001b[0m
\u001b[0m\u001b[2m 0 fail\u001b[0m
Ran 1 test across 1 file. \u001b[0m\u001b[2m[\u001b[1m5.00ms\u001b[0m\u001b[2m]\u001b[0m
`,
    counts: [1, 0, 0, 0],
    tests: [`passed b1`],
  },
  {
    title: "reads dots",
    output: `bun test v1.4.5 (a7733435c)
.

1 pass
0 fail
Ran 1 test across 1 file. [5.00ms]
`,
    counts: [1, 0, 0, 0],
  },
  {
    title: "finds no run when a filter matched none",
    output: `bun test v1.4.5 (a7733435c)

b/a.test.ts:

error: regex "zzz" matched 0 tests. Searched 1 file (skipping 5 tests) [6.00ms]
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes a summary alone",
    output: ` 3 pass
 1 fail
 4 expect() calls
Ran 4 tests across 1 file. [5.00ms]
`,
    counts: [3, 1, 0, 0],
  },
  {
    title: "counts unhandled errors",
    output: ` 0 pass
 1 fail
 1 error
Ran 1 test across 1 file. [5.00ms]
`,
    counts: [0, 1, 0, 1],
  },
  {
    title: "sums runs",
    output: `bun test v1.4.5 (a7733435c)
.

1 pass
0 fail
Ran 1 test across 1 file. [5.00ms]
bun test v1.4.5 (a7733435c)
.

1 pass
0 fail
Ran 1 test across 1 file. [5.00ms]
`,
    counts: [2, 0, 0, 0],
    runs: 2,
  },
  {
    title: "takes no wrong sum and no broken block",
    output: ` 3 pass
 0 fail
Ran 4 tests across 1 file.
 3 pass

Ran 3 tests across 1 file.
 3 pass
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "falls back to results",
    output: `bun test v1.4.5 (a7733435c)

a.test.ts:
(pass) one [0.04ms]
(fail) two [1.00ms]
(todo) three
`,
    counts: [1, 1, 1, 0],
    runs: 0,
    tests: [`passed one`, `failed two`, `skipped three`],
  },
];

checkCases("bun", CASES);

test("agrees with bun's own JUnit report", () => {
  using folder = temporaryFolder();
  const source = `import { expect, test } from "bun:test";
test("one", () => console.log(" 9 pass\\n 0 fail\\nRan 9 tests across 1 file. [1.00ms]"));
test("two", () => expect(1).toBe(2));
test.skip("three", () => {});
test("four", () => {});`;
  writeFileSync(join(folder.path, "a.test.ts"), source);
  const command = [process.execPath, "test", "--reporter=junit", "--reporter-outfile=report.xml"];
  const { stdout, stderr } = Bun.spawnSync(command, { cwd: folder.path });
  const report = readTestOutput(`${stdout}${stderr}`);
  const xml = readFileSync(join(folder.path, "report.xml"), "utf8");
  const [, tests, failures, skipped] =
    /<testsuites [^>]*tests="(\d+)"[^>]*failures="(\d+)"[^>]*skipped="(\d+)"/.exec(xml) ?? [];
  expect([report.passed + report.failed + report.skipped, report.failed, report.skipped]).toEqual(
    [tests, failures, skipped].map(Number),
  );
  expect([report.passed, report.runs]).toEqual([2, 1]);
});
