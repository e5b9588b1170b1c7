// Owns the check that the `scoreboard` view and lib/report/rate.ts are one definition of the pass rate.
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

  test("counts naive conflicts, and cost of sound attempts, unknown as soon as one is", () => {
    using ledger = memoryLedger();
    fill(ledger, "r", { passed: 2, passed_then_fault: 1 });
    const key = "r/alpha_task/task0/features_1_2";
    ledger.merges.put([mergeRecord([mergeRow(key, { status: "conflicts" })])]);
    const read = () => ledger.query("SELECT conflicts, cost_usd FROM scoreboard")[0];
    expect(read()).toEqual({ conflicts: 1, cost_usd: 2 });
    ledger.attempts.put([attemptRecord(key, { agents: [{ cost_usd: 0.5 }, { cost_usd: null }] })]);
    expect(read()).toEqual({ conflicts: 0, cost_usd: null });
  });
});
