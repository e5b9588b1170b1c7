import { type Case, checkCases } from "./cases.ts";

const SPEC = `# pass 9
# fail 0
ℹ pass 9
✔ ok one (3.932131ms)
✖ bad (1.326723ms)
  AssertionError [ERR_ASSERTION]: 1 == 2
  }

﹣ skp (0.15278ms) # SKIP
✔ tdo (0.138941ms) # TODO
▶ grp
  ✔ inner (0.867946ms)
✔ grp (1.165424ms)
ℹ tests 5
ℹ suites 1
ℹ pass 2
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 1
ℹ duration_ms 258.893754

✖ failing tests:

test at n/a.test.mjs:3:1
✖ bad (1.326723ms)
  AssertionError [ERR_ASSERTION]: 1 == 2
  }
`;

const CASES: readonly Case[] = [
  {
    title: "reads TAP, past what a test printed",
    output: `TAP version 13
# \\# pass 9
# \\# fail 0
# ℹ pass 9
# Subtest: ok one
ok 1 - ok one
  ---
  ...
# Subtest: bad
not ok 2 - bad
  ---
  ...
# Subtest: skp
ok 3 - skp # SKIP
  ---
  ...
# Subtest: tdo
ok 4 - tdo # TODO
  ---
  ...
# Subtest: grp
    # Subtest: inner
    ok 1 - inner
      ---
      duration_ms: 0.262077
      ...
    1..1
ok 5 - grp
  ---
  type: 'suite'
  ...
1..5
# tests 5
# suites 1
# pass 2
# fail 1
# cancelled 0
# skipped 1
# todo 1
# duration_ms 223.35021
`,
    counts: [2, 1, 2, 0],
    tests: [`passed ok one`, `failed bad`, `skipped skp`, `skipped tdo`, `passed inner`],
  },
  {
    title: "reads the spec form, past what a test printed",
    output: SPEC,
    counts: [2, 1, 2, 0],
    tests: [`passed ok one`, `failed bad`, `skipped skp`, `skipped tdo`, `passed inner`],
  },
  {
    title: "reads through colours",
    output: `# pass 9
# fail 0
ℹ pass 9
✔ ok one (3.818397ms)
✖ bad (1.323935ms)
  AssertionError [ERR_ASSERTION]: 1 == 2
  }

﹣ skp (0.16841ms) # SKIP
✔ tdo (0.142058ms) # TODO
▶ grp
  ✔ inner (0.258493ms)
✔ grp (1.169643ms)
ℹ tests 5
ℹ suites 1
ℹ pass 2
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 1
ℹ duration_ms 242.808678

✖ failing tests:

test at n/a.test.mjs:3:1
✖ bad (1.323935ms)
  AssertionError [ERR_ASSERTION]: 1 == 2
  }
`,
    counts: [2, 1, 2, 0],
    tests: [`passed ok one`, `failed bad`, `skipped skp`, `skipped tdo`, `passed inner`],
  },
  {
    title: "counts the cancelled as failed",
    output: `ℹ tests 3
ℹ pass 1
ℹ fail 1
ℹ cancelled 1
ℹ skipped 0
ℹ todo 0
ℹ duration_ms 5.1
`,
    counts: [1, 2, 0, 0],
  },
  {
    title: "sums runs",
    output: `# tests 3
# pass 3
# fail 0
# cancelled 0
# skipped 0
# todo 0
# duration_ms 5.1

# tests 3
# pass 3
# fail 0
# cancelled 0
# skipped 0
# todo 0
# duration_ms 5.1
`,
    counts: [6, 0, 0, 0],
    runs: 2,
  },
  {
    title: "lists failures once a run",
    output: SPEC + SPEC,
    counts: [4, 2, 4, 0],
    runs: 2,
    tests: [
      `passed ok one`,
      `failed bad`,
      `skipped skp`,
      `skipped tdo`,
      `passed inner`,
      `passed ok one`,
      `failed bad`,
      `skipped skp`,
      `skipped tdo`,
      `passed inner`,
    ],
  },
  {
    title: "sums runs that touch",
    output: `# tests 3
# pass 3
# fail 0
# cancelled 0
# skipped 0
# todo 0
# duration_ms 5.1
# tests 3
# pass 3
# fail 0
# cancelled 0
# skipped 0
# todo 0
# duration_ms 5.1
`,
    counts: [6, 0, 0, 0],
    runs: 2,
  },
  {
    title: "takes a short block",
    output: `# tests 3
# pass 3
# fail 0
`,
    counts: [3, 0, 0, 0],
  },
  {
    title: "takes no line alone and no wrong sum",
    output: `# pass 3
# fail 0

# tests 4
# pass 3
# fail 0

ℹ pass 9

# tests 1.5
# pass 1.5
# fail 0
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "falls back to results",
    output: `TAP version 13
# Subtest: one
ok 1 - one
  ---
  ...
not ok 2 - two
`,
    counts: [1, 1, 0, 0],
    runs: 0,
  },
];

checkCases("node", CASES);
