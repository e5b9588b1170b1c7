import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "sums binaries and documentation tests, past what a test printed",
    output: `   Compiling rs v0.1.0 (rs)
    Finished \`test\` profile [unoptimized + debuginfo] target(s) in 1.72s
     Running unittests src/lib.rs (target/debug/deps/rs-a35a48c092d3f767)

running 5 tests
test tests::ig ... ignored
test tests::igr ... ignored, reason here
test tests::ok ... ok
test tests::bad ... FAILED
test tests::sp - should panic ... ok

failures:

---- tests::bad stdout ----
test fake ... ok
test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

thread 'tests::bad' (4036) panicked at src/lib.rs:18:157:
no


failures:
    tests::bad

test result: FAILED. 2 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.13s

error: test failed, to rerun pass \`--lib\`
     Running tests/it.rs (target/debug/deps/it-f79ac83c53990106)

running 1 test
test it ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests rs

running 3 tests
test src/lib.rs - g (line 5) ... ignored
test src/lib.rs - h (line 9) - compile ... ok
test src/lib.rs - (line 1) ... ok

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.11s

error: 1 target failed:
    \`--lib\`
`,
    counts: [5, 1, 3, 0],
    runs: 3,
    tests: [
      `skipped tests::ig`,
      `skipped tests::igr`,
      `passed tests::ok`,
      `failed tests::bad`,
      `passed tests::sp - should panic`,
      `passed it`,
      `skipped src/lib.rs - g (line 5)`,
      `passed src/lib.rs - h (line 9) - compile`,
      `passed src/lib.rs - (line 1)`,
    ],
  },
  {
    title: "reads through colours",
    output: `    Finished \`test\` profile [unoptimized + debuginfo] target(s) in 0.03s
     Running unittests src/lib.rs (target/debug/deps/rs-a35a48c092d3f767)

running 5 tests
test tests::ig ... \u001b[33mignored\u001b(B\u001b[m
test tests::igr ... \u001b[33mignored, reason here\u001b(B\u001b[m
test tests::ok ... \u001b[32mok\u001b(B\u001b[m
test tests::bad ... \u001b[31mFAILED\u001b(B\u001b[m
test tests::sp - should panic ... \u001b[32mok\u001b(B\u001b[m

failures:

---- tests::bad stdout ----
test fake ... ok
test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

thread 'tests::bad' (4272) panicked at src/lib.rs:18:157:
no


failures:
    tests::bad

test result: \u001b[31mFAILED\u001b(B\u001b[m. 2 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.15s

error: test failed, to rerun pass \`--lib\`
     Running tests/it.rs (target/debug/deps/it-f79ac83c53990106)

running 1 test
test it ... \u001b[32mok\u001b(B\u001b[m

test result: \u001b[32mok\u001b(B\u001b[m. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests rs

running 3 tests
test src/lib.rs - g (line 5) ... \u001b[33mignored\u001b(B\u001b[m
test src/lib.rs - h (line 9) - compile ... \u001b[32mok\u001b(B\u001b[m
test src/lib.rs - (line 1) ... \u001b[32mok\u001b(B\u001b[m

test result: \u001b[32mok\u001b(B\u001b[m. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.23s

error: 1 target failed:
    \`--lib\`
`,
    counts: [5, 1, 3, 0],
    runs: 3,
  },
  {
    title: "reads the quiet form",
    output: `
running 5 tests
ii. 3/5
tests::bad --- FAILED
.
failures:

---- tests::bad stdout ----
test fake ... ok
test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

thread 'tests::bad' (4135) panicked at src/lib.rs:18:157:
no


failures:
    tests::bad

test result: FAILED. 2 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.11s

error: test failed, to rerun pass \`--lib\`

running 1 test
.
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s


running 3 tests
i..
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s

error: 1 target failed:
    \`--lib\`
`,
    counts: [5, 1, 3, 0],
    runs: 3,
    tests: [`failed tests::bad`],
  },
  {
    title: "reads uncaptured output",
    output: `    Finished \`test\` profile [unoptimized + debuginfo] target(s) in 0.01s
     Running unittests src/lib.rs (target/debug/deps/rs-a35a48c092d3f767)

running 5 tests
test tests::bad ... test fake ... ok
test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

thread 'tests::bad' (4068) panicked at src/lib.rs:18:157:
no
FAILED
test tests::ig ... ignored
test tests::igr ... ignored, reason here
test tests::ok ... test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
ok
test tests::sp - should panic ...\u0020
thread 'tests::sp' (4125) panicked at src/lib.rs:17:35:
x
ok

failures:

failures:
    tests::bad

test result: FAILED. 2 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.15s

error: test failed, to rerun pass \`--lib\`
`,
    counts: [2, 1, 2, 0],
  },
  {
    title: "takes results without headers",
    output: `
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
`,
    counts: [5, 0, 1, 0],
    runs: 2,
  },
  {
    title: "takes the short line of old versions",
    output: `running 5 tests

test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured
`,
    counts: [4, 1, 0, 0],
  },
  {
    title: "reads a binary with no tests",
    output: `running 0 tests

test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "goes on after a binary that died",
    output: `running 2 tests
test a ... ok
error: test failed (signal: 6, SIGABRT)

running 1 test
test b ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
`,
    counts: [1, 0, 0, 0],
    tests: [`passed b`],
  },
  {
    title: "falls back to test lines",
    output: `running 3 tests
test a ... ok
test b ... FAILED
test c ... ignored, slow
test d ... ok\u001b[0m <0.010s>
`,
    counts: [2, 1, 1, 0],
    runs: 0,
  },
  {
    title: "takes no result that contradicts itself",
    output: `test result: ok. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out
test result: ok. 3 passed
  test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "takes no result of another size than announced",
    output: `running 5 tests

test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
];

checkCases("cargo", CASES);
