import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { passRate } from "../lib/report/rate.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import { addFault, mergeRecord, mergeRow, scoreRow } from "./verdicts.fixture.ts";

setDefaultTimeout(60_000);

/** How many attempts of a run end in each way. */
type Mix = {
  readonly passed?: number;
  readonly failed?: number;
  readonly pending?: number;
  /** Faults that kept the attempt from happening. */
  readonly unrun?: number;
  /** Attempts with a verdict and an open fault of a later try to merge or evaluate. */
  readonly passed_then_fault?: number;
  readonly failed_then_fault?: number;
  readonly pending_then_fault?: number;
  /** Faults that were overcome: they count no more. */
  readonly passed_after_fault?: number;
};
const KINDS = [
  "passed",
  "failed",
  "pending",
  "unrun",
  "passed_then_fault",
  "failed_then_fault",
  "pending_then_fault",
  "passed_after_fault",
] as const satisfies (keyof Mix)[];

function fill(ledger: Ledger, run: string, mix: Mix): void {
  addRun(ledger, { run });
  const kinds = KINDS.flatMap((kind) => Array.from({ length: mix[kind] ?? 0 }, () => kind));
  for (const [index, kind] of kinds.entries())
    addUnit(ledger, `${run}/alpha_task/task${index}/features_1_2`, kind);
}

function addUnit(ledger: Ledger, key: string, kind: (typeof KINDS)[number]): void {
  if (kind === "passed_after_fault") addFault(ledger, key, { step: "eval" });
  if (kind !== "unrun") ledger.attempts.put([attemptRecord(key)]);
  if (kind.startsWith("passed")) ledger.scores.put(key, [scoreRow(key)], []);
  const failed = scoreRow(key, { outcome: "failed", passed: false });
  if (kind.startsWith("failed")) ledger.scores.put(key, [failed], []);
  if (kind === "unrun" || kind.endsWith("then_fault")) addFault(ledger, key, { step: "eval" });
}

/** Both definitions on one run, in the same words. */
function bothDefinitions(ledger: Ledger, run: string) {
  const rows = ledger.outcomes.rows("union", [run]);
  const pure = passRate(rows.map((row) => ({ passed: row.passed, fault: row.fault !== null })));
  const [view = {}] = ledger.query(`SELECT * FROM scoreboard WHERE run = '${run}'`);
  return { pure, view, pairs: rows.length };
}

const CASES: [title: string, mix: Mix][] = [
  ["one passed", { passed: 1 }],
  ["one failed", { failed: 1 }],
  ["all passed", { passed: 9 }],
  ["all failed", { failed: 9 }],
  ["some of each", { passed: 3, failed: 8 }],
  ["pending outside", { passed: 3, failed: 4, pending: 5 }],
  ["faults beside", { passed: 3, failed: 4, unrun: 2 }],
  [
    "a verdict under an open fault does not count",
    { passed: 1, passed_then_fault: 4, failed_then_fault: 2 },
  ],
  ["an overcome fault does", { passed_after_fault: 2, failed: 1 }],
  ["only faults", { unrun: 3, passed_then_fault: 1 }],
  ["only pending", { pending: 2 }],
  [
    "everything",
    { passed: 5, failed: 7, pending: 2, unrun: 3, passed_then_fault: 1, pending_then_fault: 2 },
  ],
];

describe("scoreboard and passRate agree", () => {
  test.each(CASES)("%s", (_, mix) => {
    using ledger = memoryLedger();
    fill(ledger, "other", { passed: 2, unrun: 1 });
    fill(ledger, "run", mix);
    const { pure, view, pairs } = bothDefinitions(ledger, "run");
    expect(view).toMatchObject({
      pairs,
      passed: pure.passed,
      faults: pure.faults,
      pending: pure.pending,
      pass_rate: pure.rate,
    });
    for (const bound of ["wilson_low", "wilson_high"] as const)
      if (pure[bound] === null) expect(view[bound]).toBeNull();
      else expect(Math.abs(Number(view[bound]) - pure[bound])).toBeLessThan(1e-12);
  });

  test.each([1, 2, 6, 7, 8])("and the ends of the interval are exact in both, of %p", (n) => {
    using ledger = memoryLedger();
    fill(ledger, "all", { passed: n });
    fill(ledger, "none", { failed: n });
    const ends = ["all", "none"].map((run) => bothDefinitions(ledger, run));
    expect(ends.map(({ pure }) => [pure.wilson_low === 0, pure.wilson_high === 1])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(ends.map(({ view }) => [view.wilson_low === 0, view.wilson_high === 1])).toEqual([
      [false, true],
      [true, false],
    ]);
  });
});

describe("scoreboard", () => {
  test("has one row a run, and none for a run without attempts", () => {
    using ledger = memoryLedger();
    fill(ledger, "a", { passed: 1, failed: 1 });
    fill(ledger, "b", { unrun: 1 });
    addRun(ledger, { run: "idle" });
    expect(ledger.query("SELECT run, pairs FROM scoreboard ORDER BY run")).toEqual([
      { run: "a", pairs: 2 },
      { run: "b", pairs: 1 },
    ]);
  });

  test("X5: counts naive conflicts, and sums what is known of costs, with how many attempts are not", () => {
    using ledger = memoryLedger();
    fill(ledger, "r", { passed: 2, passed_then_fault: 1 });
    const key = "r/alpha_task/task0/features_1_2";
    ledger.merges.put([mergeRecord([mergeRow(key, { status: "conflicts" })])]);
    const read = () => ledger.query("SELECT conflicts, cost_usd, unpriced FROM scoreboard")[0];
    expect(read()).toEqual({ conflicts: 1, cost_usd: 3, unpriced: 0 });
    ledger.attempts.put([attemptRecord(key, { agents: [{ cost_usd: 0.5 }, { cost_usd: null }] })]);
    expect(read()).toEqual({ conflicts: 0, cost_usd: 2.5, unpriced: 1 });
  });
});

/** What another system said of an attempt of two agents, and what it means in our words. */
type Said = {
  readonly passed: boolean | null;
  readonly merge_status?: string;
  readonly strategy?: string;
  readonly error?: string;
  readonly setting?: "solo";
  /** Whether each agent's patch alone passed its own suite. */
  readonly alone?: readonly boolean[];
  /** Where an agent's patch is empty. */
  readonly empty?: true;
};
type Meant = readonly [
  outcome: string | null,
  path: string | null,
  merge: string | null,
  cause?: string | null,
];

describe("X2: imported_verdicts", () => {
  const conflict = { passed: false, merge_status: "conflicts", strategy: "naive" } as const;
  const clean = { merge_status: "clean", strategy: "naive" } as const;
  const cases: [title: string, said: Said, meant: Meant][] = [
    ["a clean pass", { ...clean, passed: true }, ["passed", "clean", "clean"]],
    ["a clean failure", { ...clean, passed: false }, ["failed", "clean", "clean"]],
    [
      "a union that passes",
      { passed: true, merge_status: "conflicts", strategy: "union" },
      ["passed", "union", "conflicts"],
    ],
    [
      "a union that fails",
      { passed: false, merge_status: "conflicts", strategy: "union" },
      ["failed", "union", "conflicts"],
    ],
    [
      "identical patches",
      { passed: true, merge_status: "identical", strategy: "skip-merge-identical" },
      ["passed", "identical", "clean"],
    ],
    [
      "agent1's patch alone",
      { passed: true, merge_status: "conflicts", strategy: "solo-agent1" },
      ["passed", "one patch", "conflicts"],
    ],
    [
      "agent1's patch alone where the other's does not apply",
      { passed: true, merge_status: "missing_input", strategy: "solo-agent1" },
      ["passed", "one patch", "apply_failed"],
    ],
    ["a conflict that nothing came of", conflict, ["conflict", null, "conflicts", "conflict"]],
    [
      "a patch that does not apply",
      { passed: false, merge_status: "missing_input", strategy: "naive" },
      ["patch does not apply", null, "apply_failed", "patch lost"],
    ],
    [
      "an empty patch",
      { ...clean, passed: false, empty: true },
      ["empty patch", "clean", "empty", "patch lost"],
    ],
    ["solo", { passed: false, setting: "solo" }, ["failed", "solo", null, "own feature broken"]],
    ["a strategy nobody knows", { passed: true, strategy: "magic" }, ["passed", null, null]],
    ["no verdict", { passed: null }, [null, null, null]],
    [
      "alone: broken by merging",
      { ...clean, passed: false, alone: [true, true] },
      ["failed", "clean", "clean", "broken by merging"],
    ],
    [
      "alone: broken before",
      { ...conflict, alone: [true, false] },
      ["conflict", null, "conflicts", "own feature broken"],
    ],
    [
      "alone: half of it is known",
      { ...clean, passed: false, alone: [true] },
      ["failed", "clean", "clean", null],
    ],
  ];
  test.each(cases)("%s", (_, said, [outcome, path, merge_status, cause = null]) => {
    using ledger = memoryLedger();
    const key = addImported(ledger, said);
    const [row] = ledger.outcomes.rows("imported");
    expect(row).toMatchObject({ passed: said.passed, outcome, path, merge_status, cause });
    expect(row?.fault).toBeNull();
    const score = said.passed === null ? undefined : { passed: said.passed, path };
    expect(ledger.scores.of(key, "imported")).toEqual(score && expect.objectContaining(score));
    expect(ledger.scores.byAttempt("imported", ["r"]).size).toBe(score === undefined ? 0 : 1);
    expect(ledger.outcomes.rows("union")[0]).toMatchObject({ passed: null, merge_status: null });
  });

  test("an evaluation of theirs that broke is a fault of theirs, under their policy only", () => {
    using ledger = memoryLedger();
    addImported(ledger, { passed: null, error: "Branch setup failed" });
    expect(ledger.outcomes.rows("imported")[0]).toMatchObject({ fault: "foreign_fault" });
    expect(ledger.outcomes.rows("union")[0]).toMatchObject({ fault: null });
  });

  test("a fault of ours on the way to our verdict leaves theirs", () => {
    using ledger = memoryLedger();
    const key = addImported(ledger, { ...clean, passed: true });
    addFault(ledger, key, { step: "eval" });
    expect(ledger.outcomes.rows("imported")[0]).toMatchObject({ fault: null, passed: true });
    expect(ledger.outcomes.rows("union")[0]?.fault).not.toBeNull();
  });
});

function addImported(ledger: Ledger, { setting, alone, empty, ...said }: Said): string {
  const key = "r/alpha_task/task1/features_1_2";
  addRun(ledger, { run: "r", ...(setting === undefined ? {} : { setting }) });
  const source = empty === undefined ? "imported" : "none";
  const outcome = empty === undefined ? "submitted" : "empty patch";
  const agents = [
    { patch_source: "imported" } as const,
    { patch_source: source, outcome } as const,
  ];
  ledger.attempts.put([attemptRecord(key, { agents })]);
  ledger.imported.put([
    {
      ...{ attempt_key: key, source: "there", form: "released", content_sha256: "c" },
      ...{ files: {}, problems: [], imported_at: "2026-01-01T00:00:00.000Z", ...said },
      alone: alone?.map((passed, at) => ({
        ...{ feature_id: at + 1, passed, tests_passed: 1, tests_failed: passed ? 0 : 1 },
      })),
    },
  ]);
  return key;
}
