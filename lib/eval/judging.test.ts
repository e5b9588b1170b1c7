import { describe, expect, test } from "bun:test";
import { readTestOutput } from "./formats/cases.ts";
import { judge, type Sessions } from "./judging.ts";

const HEADER = `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
collected 1 item

`;
const DIED = `${HEADER}test_b.py `;
const SUMMARY =
  "============================== 1 passed in 0.01s ===============================\n";
const SESSION = `${HEADER}test_a.py .                                                              [100%]\n\n${SUMMARY}`;
const CARGO = (
  name: string,
  count: number,
  end = true,
) => `     Running tests/${name}.rs (target/debug/deps/${name}-50bdf24cf76051e2)

running ${count} test${count === 1 ? "" : "s"}
${end ? `test it ... ok\n\ntest result: ok. ${count} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n` : ""}`;
const DOC = CARGO("x", 0).replace(/^.*\n/, "   Doc-tests demo\n").replace("test it ... ok\n", "");
const QUIET = (count: number, end = true) => CARGO("x", count, end).replace(/^.*\n/, "");
const GO = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tex.com/a\t0.1s\n";
const JEST =
  "PASS src/a.test.ts\n\nTest Suites: 1 passed, 1 total\nTests:       2 passed, 2 total\n";
const EXITED = `PASS src/a.test.ts
  ●  process.exit called with "0"

    > 1 | test("c", () => process.exit(0));
`;
const VITEST = "\n RUN  v2.1.9 /x\n\n Test Files  1 passed (1)\n      Tests  2 passed (2)\n";
const BUN = "bun test v1.4.5 (a7733435c)\n\n 1 pass\n 0 fail\nRan 1 test across 1 file. [9.00ms]\n";
const NEXTEST = `    Starting 1 test across 1 binary
        PASS [   0.004s] demo a
     Summary [   0.005s] 1 test run: 1 passed, 0 skipped
`;
const NODE = `TAP version 13
# Subtest: a
ok 1 - a
1..1
# tests 1
# suites 0
# pass 1
# fail 0
# cancelled 0
# skipped 0
# todo 0
# duration_ms 41.2
`;
const without = (text: string, line: RegExp) => text.replace(line, "");

type Case = readonly [title: string, output: string, outcome: string, ...marks: string[]];
const UNFINISHED = "unfinished session";
const UNPROVEN = "sessions unproven";

const BY_TEXT: readonly Case[] = [
  ["one session", SESSION, "passed", UNPROVEN],
  ["V2: the second session dies", SESSION + DIED, "failed", UNFINISHED, UNPROVEN],
  [
    "V4: it dies, and the runner goes on",
    `${SESSION}${DIED}\nAborted\nTest execution completed!\n`,
    "failed",
    UNFINISHED,
    UNPROVEN,
  ],
  [
    "V2: one in the middle is only marked",
    SESSION + DIED + SESSION,
    "passed",
    UNFINISHED,
    UNPROVEN,
  ],
  ["V2: the only one dies", DIED, "no tests ran", UNFINISHED, UNPROVEN],
  ["V3: the last binary dies", CARGO("a", 1) + CARGO("h1", 1, false), "failed", UNFINISHED],
  [
    "V3: a binary dies before the documentation tests",
    CARGO("a", 1) + CARGO("h1", 1, false) + DOC,
    "failed",
    UNFINISHED,
  ],
  [
    "V3: a binary dies before one of its size",
    CARGO("h1", 2, false) + CARGO("h2", 2) + DOC,
    "failed",
    UNFINISHED,
  ],
  [
    "V3: a binary dies within a line",
    `${CARGO("h1", 1, false)}test it ... ${CARGO("h2", 1)}`,
    "failed",
    UNFINISHED,
  ],
  ["V3: a binary whose cargo is quiet dies last", QUIET(1) + QUIET(2, false), "failed", UNFINISHED],
  [
    "V3: a binary whose cargo is quiet dies before another",
    QUIET(2, false) + QUIET(1),
    "passed",
    UNFINISHED,
  ],
  [
    "V3: a harness of its own dies in its second call",
    `     Running src/tests.rs (target/debug/deps/tests-52a2)\n2 passed, 0 failed, 3 skipped\n     Running src/tests.rs (target/debug/deps/tests-52a2)\n`,
    "failed",
    UNFINISHED,
  ],
  [
    "a binary that has nothing to say",
    `${CARGO("a", 1)}     Running tests/silent.rs (target/debug/deps/silent-262ea3a24fc43a77)\n`,
    "passed",
  ],
  [
    "a test prints a binary's header",
    CARGO("a", 1).replace("test it", `${CARGO("fake", 7, false)}test it`),
    "passed",
  ],
  [
    "a test's whole cargo run",
    CARGO("a", 1).replace("test it", `${CARGO("inner", 1)}test it`),
    "passed",
  ],
  [
    "headers that --show-output prints again",
    CARGO("a", 1).replace(
      "\ntest result",
      `\nsuccesses:\n\n---- it stdout ----\n${CARGO("fake", 1, false)}\nsuccesses:\n    it\n\ntest result`,
    ),
    "passed",
  ],
  ["Go's package dies", `${GO}=== RUN   TestB\n`, "failed", UNFINISHED],
  ["a session that a Go test printed", GO.replace("---", `${DIED}\n---`), "passed"],
  ["jest dies after a file", `${JEST}PASS src/b.test.ts\n`, "failed", UNFINISHED],
  ["V2: jest is left by process.exit", EXITED, "no tests ran", UNFINISHED],
  [
    "V12: jest is left behind a summary that a test printed",
    JEST + EXITED.slice(19),
    "no tests ran",
    UNFINISHED,
  ],
  ["jest finds nothing in a second call", `${JEST}No tests found, exiting with code 0\n`, "passed"],
  ["PASS and FAIL of other programs begin nothing", `${GO}PASS config\nFAIL it\n`, "passed"],
  ["vitest dies in its second call", `${VITEST}\n RUN  v2.1.9 /x\n`, "failed", UNFINISHED],
  [
    "vitest finds nothing in its second call",
    `${VITEST}\n RUN  v2.1.9 /x\n\nNo test files found, exiting with code 0\n`,
    "passed",
  ],
  ["bun dies in its second call", `${BUN}bun test v1.4.5 (a7733435c)\n`, "failed", UNFINISHED],
  [
    "nextest dies in its second call",
    NEXTEST + without(NEXTEST, /.*Summary.*\n/),
    "failed",
    UNFINISHED,
  ],
  [
    "node dies in its second call",
    NODE + NODE.slice(0, NODE.indexOf("# tests")),
    "failed",
    UNFINISHED,
  ],
  [
    "TAP of another program begins nothing",
    `${SESSION}TAP version 13\nok 1 - a\n# ok\n`,
    "passed",
    UNPROVEN,
  ],
  [
    "a session of pytest dies before one of jest",
    `${DIED}\n${JEST}`,
    "passed",
    UNFINISHED,
    UNPROVEN,
  ],
  [
    "V15: tells failures and exits 0",
    SESSION.replace("1 passed", "1 failed, 1 passed"),
    "passed",
    "contradicts its summary",
    UNPROVEN,
  ],
  [
    "V15: errors too",
    SESSION.replace("1 passed", "1 passed, 1 error"),
    "passed",
    "contradicts its summary",
    UNPROVEN,
  ],
];

const ending = (exit_code: number) => ({ exit_code, timed_out: false, oom_killed: false });

describe("by the output alone", () => {
  test.each(BY_TEXT)("%s", (_, output, outcome, ...marks) => {
    const found = judge(ending(0), readTestOutput(output), undefined);
    expect(found).toEqual({ outcome, marks } as never);
  });
});

describe("V5: Go's packages that were made to name their tests", () => {
  const NONE = "testing: warning: no tests to run\nPASS\nok  \tex.com/n\t0.1s [no tests to run]\n";
  const LEFT = "ok  \tex.com/left\t0.004s\n";
  const CASES: [title: string, output: string, outcome: string, ...marks: string[]][] = [
    ["all of them do", GO + NONE + GO.replaceAll("ex.com/a", "ex.com/b"), "passed"],
    ["one that prints behind its PASS", GO.replace("PASS\n", "PASS\nteardown\n"), "passed"],
    ["one was left", LEFT, "no tests ran", UNFINISHED],
    ["one was left before another", LEFT + GO, "failed", UNFINISHED],
    ["one was left behind another", GO + LEFT, "failed", UNFINISHED],
    [
      "one was left whose result is remembered",
      GO + LEFT.replace("0.004s", "(cached)"),
      "failed",
      UNFINISHED,
    ],
  ];
  test.each(CASES)("%s", (_, output, outcome, ...marks) => {
    const report = readTestOutput(output, { go_verbose: true });
    expect(judge(ending(0), report, undefined)).toEqual({ outcome, marks } as never);
  });
  test("others are read as they are", () => {
    expect(judge(ending(0), readTestOutput(LEFT + GO.slice(-17)), undefined).outcome).toBe(
      "passed",
    );
  });
});

describe("by what pytest tells", () => {
  const CASES: [
    title: string,
    output: string,
    told: Sessions,
    outcome: string,
    ...marks: string[],
  ][] = [
    ["all finished", SESSION, { began: 1, finished: 1 }, "passed"],
    ["V2: one did not", SESSION + SESSION, { began: 2, finished: 1 }, "failed", UNFINISHED],
    [
      "V2: one that the output does not show",
      SESSION,
      { began: 2, finished: 1 },
      "failed",
      UNFINISHED,
    ],
    ["V11: a header that a test printed", DIED + SESSION, { began: 1, finished: 1 }, "passed"],
    ["V11: at the end as well", SESSION + DIED, { began: 1, finished: 1 }, "passed"],
    [
      "a binary of cargo's has to conclude all the same",
      SESSION + CARGO("h1", 1, false),
      { began: 1, finished: 1 },
      "failed",
      UNFINISHED,
    ],
    [
      "nothing passed",
      SESSION.replace("1 passed", "1 skipped"),
      { began: 1, finished: 1 },
      "no tests ran",
    ],
  ];
  test.each(CASES)("%s", (_, output, told, outcome, ...marks) => {
    expect(judge(ending(0), readTestOutput(output), told)).toEqual({ outcome, marks } as never);
  });
});

describe("a runner that fails says so itself", () => {
  const CASES: [exit_code: number, output: string, outcome: string][] = [
    [1, SESSION, "failed"],
    [1, SESSION + DIED, "failed"],
    [124, SESSION + DIED, "tests timed out"],
    [137, SESSION + DIED, "tests timed out"],
    [124, "", "tests timed out"],
    [124, SESSION, "failed"],
    [139, DIED, "failed"],
  ];
  test.each(CASES)("V20: exit %d", (exit_code, output, outcome) => {
    const found = judge(ending(exit_code), readTestOutput(output), undefined);
    expect(found).toEqual({ outcome, marks: [] } as never);
  });
});
