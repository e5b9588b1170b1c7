import { describe, expect, test } from "bun:test";
import { firstFailure } from "./first-failure.ts";

type Case = readonly [title: string, output: string, told: string, failed?: readonly string[]];
const CASES: readonly Case[] = [
  [
    "bun: an assertion",
    `bun test v1.4.5

tests/metric.test.ts:
(pass) prints 2 tbsp [0.05ms]
12 |   const recipe = parse("x");
13 |   expect(render(recipe)).toContain("y");
                            ^
error: expect(received).toContain(expected)

Expected to contain: "y"
Received: "x"

      at <anonymous> (/workspace/repo/tests/metric.test.ts:13:51)
(fail) prints 6 1/4 cups [0.16ms]
(pass) prints 5 lb [0.07ms]
`,
    'prints 6 1/4 cups | expected "y", received "x" | tests/metric.test.ts:13',
  ],
  [
    "bun: a file that does not parse",
    `tests/notes.test.ts:

# Unhandled error between tests
-------------------------------
52 | }
      ^
error: Unexpected end of file
    at /workspace/repo/src/parse.ts:52:2
-------------------------------
`,
    "null | error: Unexpected end of file | src/parse.ts:52",
  ],
  [
    "bun: an export that is not there, without a place",
    `# Unhandled error between tests
-------------------------------
SyntaxError: Export named 'totalMinutes' not found in module '/workspace/repo/src/index.ts'.
-------------------------------
`,
    "null | SyntaxError: Export named 'totalMinutes' not found in module '/workspace/repo/src/index.ts'. | null:null",
  ],
  [
    "pytest: past what is printed",
    `py/test_a.py .F
=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________

    def test_bad():
>       assert 1 == 2
E       assert 1 == 2

py/test_a.py:7: AssertionError
----------------------------- Captured stdout call -----------------------------
py/test_b.py:9: not this
=========================== short test summary info ============================
`,
    "test_bad | assert 1 == 2 | py/test_a.py:7",
  ],
  [
    "pytest: where it broke, below the test",
    `_______ TestA.test_deep[1] _______
    def test_deep():
>       f()

tests/test_a.py:3: 
_ _ _ _ _ _ _
    def f():
>       raise KeyError("x")
E       KeyError: 'x'

src/lib.py:30: KeyError
`,
    "TestA.test_deep[1] | KeyError: 'x' | src/lib.py:30",
  ],
  [
    "pytest: a file that does not parse",
    `________________________ ERROR collecting tests/test_z.py ________________________
/usr/lib/python3.12/ast.py:52: in parse
    return compile(source, filename, mode, flags,
E     File "/workspace/repo/src/z.py", line 8
E       def f(:
E             ^
E   SyntaxError: invalid syntax
`,
    "tests/test_z.py | SyntaxError: invalid syntax | src/z.py:8",
  ],
  [
    "unittest",
    `FAIL: test_b (test_u.T.test_b)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "py/test_u.py", line 4, in test_b
    def test_b(self): self.fail("x")
AssertionError: x
`,
    "test_b | AssertionError: x | py/test_u.py:4",
  ],
  [
    "jest",
    `FAIL j/a.test.js
  ● Console

    console.log
      x

  ● grp › bad

    expect(received).toBe(expected) // Object.is equality

    Expected: 2

      at Object.toBe (node_modules/expect/x.js:2:31)
      at Object.<anonymous> (j/a.test.js:2:31)
`,
    "grp › bad | expect(received).toBe(expected) // Object.is equality | j/a.test.js:2",
  ],
  [
    "vitest, in colours",
    `\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m a.spec.mjs\u001b[2m > \u001b[22mbad
\u001b[31m\u001b[1mAssertionError\u001b[22m: expected 1 to be 2 // Object.is equality\u001b[39m

\u001b[36m \u001b[2m❯\u001b[22m a.spec.mjs:\u001b[2m3:31\u001b[22m\u001b[39m
`,
    "bad | AssertionError: expected 1 to be 2 // Object.is equality | a.spec.mjs:3",
  ],
  [
    "node:test",
    `✖ bad (1.326723ms)
  AssertionError [ERR_ASSERTION]: 1 == 2
      at TestContext.<anonymous> (file:///workspace/repo/n/a.test.mjs:3:25)
      at Test.runInAsyncScope (node:async_hooks:214:14)
`,
    "bad | AssertionError [ERR_ASSERTION]: 1 == 2 | n/a.test.mjs:3",
  ],
  [
    "node:test as TAP",
    `# Subtest: bad
not ok 2 - bad
  ---
  location: 'file:///workspace/repo/n/a.test.mjs:3:1'
  error: '1 == 2'
  ...
`,
    "bad | 1 == 2 | n/a.test.mjs:3",
  ],
  [
    "mocha",
    `  1 failing

  1) m
       b:

      AssertionError [ERR_ASSERTION]: 1 == 2
      at Context.<anonymous> (test/m.js:9:5)
`,
    "m | AssertionError [ERR_ASSERTION]: 1 == 2 | test/m.js:9",
  ],
  [
    "go: of the test that failed, not of one that logs",
    `=== RUN   TestOne
    a_test.go:3: hello
--- PASS: TestOne (0.00s)
=== RUN   TestTwo
    a_test.go:4: got 1, want 2
--- FAIL: TestTwo (0.00s)
`,
    "TestTwo | got 1, want 2 | a_test.go:4",
    ["TestTwo"],
  ],
  [
    "go: no place where a log and a failure look alike",
    `=== RUN   TestTwo
    a_test.go:3: a note
    a_test.go:4: got 1, want 2
--- FAIL: TestTwo (0.00s)
`,
    "TestTwo | a note | null:null",
    ["TestTwo"],
  ],
  [
    "go: a build",
    `# ex.com/m/d [ex.com/m/d.test]
d/d_test.go:3:27: undefined: helper
FAIL	ex.com/m/d [build failed]
`,
    "null | undefined: helper | d/d_test.go:3",
  ],
  [
    "cargo",
    `test tests::bad ... FAILED

failures:

---- tests::bad stdout ----

thread 'tests::bad' (4036) panicked at src/lib.rs:18:157:
assertion \`left == right\` failed
  left: 1
`,
    "tests::bad | assertion `left == right` failed | src/lib.rs:18",
  ],
  [
    "cargo: a build",
    `   Compiling rs v0.1.0 (rs)
error[E0425]: cannot find value \`x\` in this scope
  --> src/lib.rs:2:5
   |
`,
    "null | error[E0425]: cannot find value `x` in this scope | src/lib.rs:2",
  ],
  [
    "tsc",
    "src/x.ts(12,5): error TS2304: Cannot find name 'y'.\n",
    "null | error TS2304: Cannot find name 'y'. | src/x.ts:12",
  ],
];

describe("the first failure that an output tells of", () => {
  test.each(CASES.map((one) => [one[0], one] as const))(
    "%s",
    (_title, [, output, told, failed]) => {
      const found = firstFailure(output, failed);
      expect(`${found?.test} | ${found?.says} | ${found?.path}:${found?.line}`).toBe(told);
    },
  );

  test.each([
    "",
    "5 passed\n",
    "ok  \tex.com/m/b\t(cached)\n",
    "Killed\n",
    "error: test failed, to rerun pass `--lib`\n",
  ])("nothing is made of %j", (output) => {
    expect(firstFailure(output)?.path ?? null).toBeNull();
  });

  test("takes time in proportion to the output", () => {
    const began = performance.now();
    firstFailure(`${"a ".repeat(200)}\n`.repeat(5000));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
