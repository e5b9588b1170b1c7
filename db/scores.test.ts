import { describe, expect, test } from "bun:test";
import { addRun, attemptRecord, HARD_BYTES, memoryLedger } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import { addFault, scoreRow, suiteRecord } from "./verdicts.fixture.ts";

const KEY = "one/alpha_task/task1/features_1_2";
const OTHER = "two/alpha_task/task1/features_1_2";

function filled(): Ledger {
  const ledger = memoryLedger();
  for (const key of [KEY, OTHER]) {
    addRun(ledger, { run: key.slice(0, 3) });
    ledger.attempts.put([attemptRecord(key)]);
  }
  return ledger;
}
const link = (attempt_key: string, suite_key: string, feature_id = 1) => ({
  attempt_key,
  tested: "naive" as const,
  feature_id,
  suite_key,
});

describe("suite results", () => {
  test("are found by their key, come back as they were put, and are replaced under it", () => {
    using ledger = filled();
    expect(ledger.scores.suite("k")).toBeUndefined();
    const first = suiteRecord("k", {
      tests: [{ name: 'odd "name" ü', status: "failed" }],
      exit_code: null,
    });
    ledger.scores.putSuite(first);
    expect(ledger.scores.suite("k")).toEqual({
      ...first.result,
      exit_code: null,
      marks: [],
      limits: null,
      task_hash: null,
    });
    const second = suiteRecord("k", { outcome: "failed", bytes: Buffer.from("1 failed\n") });
    ledger.scores.putSuite(second);
    expect(ledger.scores.suite("k")).toMatchObject({
      outcome: "failed",
      output: second.output.hash,
    });
  });

  test("serve several attempts, and outlive them", () => {
    using ledger = filled();
    ledger.scores.putSuite(suiteRecord("k"));
    for (const key of [KEY, OTHER]) ledger.scores.put(key, [scoreRow(key)], [link(key, "k")]);
    ledger.superseded.setAside(KEY, "test");
    expect(ledger.query("SELECT attempt_key FROM attempt_suites")).toEqual([
      { attempt_key: OTHER },
    ]);
    expect(ledger.scores.suite("k")?.outcome).toBe("passed");
  });

  test.each(Object.entries(HARD_BYTES))("keep the raw output: %s", (_, bytes) => {
    using ledger = filled();
    const { result, output } = suiteRecord("k", { bytes });
    ledger.scores.putSuite({ result, output });
    ledger.scores.putSuite({ result: { ...result, suite_key: "same output" }, output });
    expect(ledger.scores.output(output.hash)).toEqual(Buffer.from(bytes));
    expect(ledger.scores.output("unknown")).toBeUndefined();
  });
});

describe("earlier verdicts", () => {
  test("are kept when others take their place, and an equal one is not", () => {
    using ledger = filled();
    ledger.scores.putSuite(suiteRecord("k"));
    const [naive, union] = [scoreRow(KEY, { policy: "naive" }), scoreRow(KEY)];
    const put = (...rows: (typeof naive)[]) => ledger.scores.put(KEY, rows, [link(KEY, "k")]);
    put(naive, union);
    put(naive, { ...union, scored_at: "2027-01-01T00:00:00.000Z" });
    expect(ledger.earlier_scores.of([KEY])).toEqual([]);
    const other = { ...union, inputs_hash: "other", outcome: "failed", passed: false } as const;
    put(other);
    const kept = ledger.earlier_scores.of([KEY, OTHER]);
    expect(kept.map(({ policy, outcome }) => [policy, outcome]).sort()).toEqual([
      ["naive", naive.outcome],
      ["union", union.outcome],
    ]);
    ledger.superseded.setAside(KEY, "test");
    expect(ledger.earlier_scores.of([KEY])).toEqual([]);
  });
});

describe("verdicts", () => {
  test("are replaced as a whole, with the suites they rest on", () => {
    using ledger = filled();
    for (const key of ["k1", "k2"]) ledger.scores.putSuite(suiteRecord(key));
    const naive = scoreRow(KEY, {
      policy: "naive",
      outcome: "conflict",
      passed: false,
      path: null,
    });
    ledger.scores.put(KEY, [naive, scoreRow(KEY)], [link(KEY, "k1"), link(KEY, "k2", 2)]);
    expect(ledger.scores.byAttempt("naive")).toEqual(new Map([[KEY, naive]]));
    ledger.scores.put(
      KEY,
      [scoreRow(KEY, { passed: false, outcome: "failed" })],
      [link(KEY, "k2")],
    );
    expect(ledger.scores.byAttempt("naive").size).toBe(0);
    expect(ledger.scores.byAttempt("union").get(KEY)?.outcome).toBe("failed");
    expect(ledger.query("SELECT suite_key FROM attempt_suites")).toEqual([{ suite_key: "k2" }]);
  });

  test("that rest on an unknown suite are refused, and the old ones stay", () => {
    using ledger = filled();
    ledger.scores.put(KEY, [scoreRow(KEY)], []);
    const failed = scoreRow(KEY, { passed: false, outcome: "failed" });
    expect(() => ledger.scores.put(KEY, [failed], [link(KEY, "unknown")])).toThrow(/constraint/i);
    expect(ledger.scores.byAttempt("union").get(KEY)?.passed).toBe(true);
  });

  const cases: [title: string, runs: string[] | undefined, expected: string[]][] = [
    ["all runs", undefined, [KEY, OTHER]],
    ["one run", ["one"], [KEY]],
    ["no run", [], []],
  ];
  test.each(cases)("are read for %s", (_, runs, expected) => {
    using ledger = filled();
    for (const key of [KEY, OTHER]) ledger.scores.put(key, [scoreRow(key)], []);
    expect([...ledger.scores.byAttempt("union", runs).keys()].sort()).toEqual(expected);
    expect(ledger.scores.byAttempt("naive", runs).size).toBe(0);
  });

  test("resolve the evaluation faults of their attempt only", () => {
    using ledger = filled();
    for (const key of [KEY, OTHER]) addFault(ledger, key, { step: "eval" });
    ledger.scores.put(KEY, [scoreRow(KEY)], []);
    expect(ledger.faults.open().map(({ unit }) => unit)).toEqual([OTHER]);
  });
});

test("suite results are counted with the time of their tests", () => {
  using ledger = memoryLedger();
  expect(ledger.scores.suiteTotals()).toEqual({ suites: 0, runner_ms: 0 });
  const [one, two] = [suiteRecord("one"), suiteRecord("two")];
  ledger.scores.putSuite({ ...one, result: { ...one.result, duration_ms: 5 } });
  ledger.scores.putSuite({ ...two, result: { ...two.result, duration_ms: 7 } });
  expect(ledger.scores.suiteTotals()).toEqual({ suites: 2, runner_ms: 12 });
});
