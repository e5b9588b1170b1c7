import { type Case, checkCases } from "./cases.ts";

const TYPST = "     Running src/tests.rs (target/debug/deps/tests-52a2)\n";
const LIBTEST = `     Running unittests src/lib.rs (target/debug/deps/demo-3a83d06d78fee335)

running 2 tests
test a ... ok
test b ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

`;
const CLEANUP = "Test execution completed!\nCleaning up repository...\nHEAD is now at 5f1 base\n";

const CASES: readonly Case[] = [
  {
    title: "V1: typst's own harness",
    output: `${TYPST}2 passed, 0 failed, 2352 skipped\n${CLEANUP}`,
    counts: [2, 0, 2352, 0],
  },
  {
    title: "V1: two calls of cargo are summed",
    output: `${TYPST}2 passed, 0 failed, 2352 skipped\n    Finished \`test\` profile\n${TYPST}5 passed, 0 failed, 2349 skipped\n`,
    counts: [7, 0, 4701, 0],
    runs: 2,
  },
  {
    title: "V1: failed tests are named",
    output: `${TYPST}❌ string-first (tests/suite/foundations/str.typ:41)
  Error: tests/suite/foundations/str.typ:43: expected "a"
  2 passed, 9 failed, 1 skipped
✅ string-last (tests/suite/foundations/str.typ:61)
1 passed, 1 failed, 2352 skipped
  pass the --update flag to update the reference output
error: test failed, to rerun pass \`-p typst-tests --test tests\`
`,
    counts: [1, 1, 2352, 0],
    tests: [
      "failed string-first (tests/suite/foundations/str.typ:41)",
      "passed string-last (tests/suite/foundations/str.typ:61)",
    ],
  },
  {
    title: "V1: a harness that panics after its marks has no summary",
    output: `${TYPST}❌ string-first (tests/suite/foundations/str.typ:41)\nthread 'main' panicked at tests/src/logger.rs:99:9\n`,
    counts: [0, 1, 0, 0],
    runs: 0,
  },
  {
    title: "V1: no test selected",
    output: `${TYPST}no test selected\n`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "V1: beside the default harness, a silent one and documentation tests",
    output: `${LIBTEST}     Running tests/silent.rs (target/debug/deps/silent-262ea3a24fc43a77)
${TYPST}2 passed, 0 failed, 3 skipped
   Doc-tests demo

running 1 test
test src/lib.rs - add (line 1) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

all doctests ran in 0.64s; merged doctests compilation took 0.64s
`,
    counts: [5, 0, 3, 0],
    runs: 3,
  },
  {
    title: "V1: libtest-mimic's kinds",
    output: `     Running tests/mimic.rs (target/debug/deps/mimic-12420784ccf9dad1)

running 2 tests
test [parse] t1 ... ok
test         t2 ... FAILED

failures:

---- t2 ----
2 passed, 0 failed


failures:
    t2

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed, to rerun pass \`--test mimic\`
`,
    counts: [1, 1, 0, 0],
    tests: ["passed [parse] t1", "failed t2"],
  },
  ...[
    "test result: ok. 5 passed; 1 failed; 2 filtered out;",
    "test result: FAILED. 5 tests passed, 1 failed, 2 filtered out",
    "Result: 5 passed, 1 failed",
    "Summary: 5 passed | 1 failed in 0.52s",
    "5 passed, 1 failed.",
    "5 passing, 1 failing",
    "5 passed; 1 failed; finished in 0.00s",
    "6 scenarios (5 passed, 1 failed)",
    "1 failed, 5 passed",
  ].map(
    (line): Case => ({
      title: `V1: a summary of its own: ${line}`,
      output: `     Running \`/x/target/debug/deps/ui-350404a89d42aa10 --all\`\n${line}\n`,
      counts: [5, 1, 0, 0],
    }),
  ),
  {
    title: "V1: a test's own print is not the summary, under the default harness",
    output: LIBTEST.replace("test b", "2 passed, 9 failed, 1 skipped\n❌ nothing\ntest b"),
    counts: [2, 0, 0, 0],
    tests: ["passed a", "passed b"],
  },
  {
    title: "V1: a test's own print comes before the summary, under a harness of its own",
    output: `${TYPST}9 passed, 9 failed, 9 skipped\n2 passed, 0 failed, 1 skipped\n`,
    counts: [2, 0, 1, 0],
  },
  ...[
    "9 passed, 0 failed, 3 skipped",
    `${TYPST}all is well`,
    `${TYPST}9 passed`,
    `${TYPST}9 passed, 1 failed, 3 birds`,
    `${TYPST}9 passed, 0 failed, 3 skipped and more`,
    `${TYPST}  9 passed, 0 failed, 3 skipped`,
    `     Running tests of src/tests.rs\n9 passed, 0 failed, 3 skipped`,
    `     Running \`target/debug/typst compile\`\n9 passed, 0 failed, 3 skipped`,
  ].map(
    (output): Case => ({
      title: `V1: not a summary: ${output.split("\n").join(" / ")}`,
      output: `${output}\n`,
      counts: [0, 0, 0, 0],
      runs: 0,
    }),
  ),
];

checkCases("cargo", CASES);
