import { type Case, checkCases } from "./cases.ts";

const CASES: readonly Case[] = [
  {
    title: "reads a mixed run, past what a test printed",
    output: `

  m
  9 passing (3ms)
    ✔ a
    1) b
    - p
    - s
    n
      ✔ slow (82ms)


  2 passing (92ms)
  2 pending
  1 failing

  1) m
       b:

      AssertionError [ERR_ASSERTION]: 1 == 2

     \u0020



`,
    counts: [2, 1, 2, 0],
    tests: [`passed a`, `failed b`, `skipped p`, `skipped s`, `passed slow`],
  },
  {
    title: "believes the last summary when no list proves one",
    output: `
  9 passing (3ms)

  .!,,.

  2 passing (91ms)
  2 pending
  1 failing

  1) m
       b:

      AssertionError [ERR_ASSERTION]: 1 == 2

     \u0020



`,
    counts: [2, 1, 2, 0],
  },
  {
    title: "sums runs",
    output: `
  g
    ✔ a


  1 passing (3ms)



  g
    ✓ b


  1 passing (3ms)
  1 pending
`,
    counts: [2, 0, 1, 0],
    runs: 2,
  },
  {
    title: "reads none",
    output: `

  0 passing (1ms)

`,
    counts: [0, 0, 0, 0],
  },
  {
    title: "takes no words of a program",
    output: `they say
  3 passing (2ms)

3 passing

  3 passing (2ms)
  words
- item
`,
    counts: [0, 0, 0, 0],
    runs: 0,
  },
  {
    title: "falls back to marks",
    output: `
  g
    ✔ a
    1) b
    - c
`,
    counts: [1, 1, 1, 0],
    runs: 0,
  },
  {
    title: "V12: a passing test prints a summary",
    output: `

  g

  7 passing (3ms)

    ✔ x
    ✔ y


  2 passing (8ms)

`,
    counts: [2, 0, 0, 0],
    tests: ["passed x", "passed y"],
  },
];

checkCases("mocha", CASES);
