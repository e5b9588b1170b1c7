import { describe, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger, NOW } from "./ledger.fixture.ts";
import type { CheckRow } from "./schema.ts";
import { suiteRecord } from "./verdicts.fixture.ts";

const KEY = "r/alpha_task/task1/features_1_2";
const named = (...names: string[]) => names.map((name) => ({ name, status: "passed" }));
type Fields = Parameters<typeof suiteRecord>[1];

/** The marks of an attempt whose feature 1 was tested so, beside gold that was tested so. */
function marksOf(suite: Fields, gold: Fields, check: Partial<CheckRow> = {}) {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  ledger.attempts.put([attemptRecord(KEY)]);
  ledger.scores.putSuite(suiteRecord("gold", { tree: "gold tree", ...gold }));
  ledger.scores.putSuite(suiteRecord("ours", suite));
  const about = { repo: "alpha_task", task_id: 1, feature_id: 1, kind: "gold" } as const;
  ledger.checks.put([
    {
      ...{
        ...about,
        backend: "local",
        environment: "local",
        task_hash: "h",
        good: true,
        flaky: false,
      },
      ...{ unknown: false, cause: null, outcomes: ["passed"], suite_key: "gold", checked_at: NOW },
      ...check,
    },
  ]);
  const tested = { attempt_key: KEY, tested: "naive", feature_id: 1, suite_key: "ours" } as const;
  ledger.scores.put(KEY, [], [tested]);
  return (ledger.marks.byAttempt("union", [KEY]).get(KEY) ?? []).map(({ mark }) => mark as string);
}

describe("V8: a pass is marked unlike gold", () => {
  const GOLD = { passed: 2, tests: named("a", "b") };
  const CASES: [name: string, suite: Fields, gold: Fields, marks: string[]][] = [
    [
      "when tests are lacking that pass with gold",
      { passed: 9, tests: named("a", "x") },
      GOLD,
      ["unlike gold"],
    ],
    ["when it names none, and gold does", { passed: 1, tests: [] }, GOLD, ["unlike gold"]],
    [
      "when gold names none, and more pass there",
      { passed: 1, tests: [] },
      { passed: 2, tests: [] },
      ["unlike gold"],
    ],
    ["not when all are there, and more", { passed: 3, tests: named("a", "b", "c") }, GOLD, []],
    ["not when as many pass without names", { passed: 2, tests: [] }, { passed: 2, tests: [] }, []],
    ["not on gold's own tree", { passed: 1, tests: [], tree: "gold tree" }, GOLD, []],
    ["not when it failed", { outcome: "failed", passed: 1, tests: [] }, GOLD, []],
    ["not in other surroundings", { passed: 1, tests: [], environment: "other" }, GOLD, []],
  ];
  test.each(CASES)("%s", (_, suite, gold, marks) => {
    expect(marksOf(suite, gold)).toEqual(marks);
  });
});

test("V25: a verdict on a feature that is known as flaky is marked, whatever it is, beside its suite's own marks", () => {
  const suite: Fields = { outcome: "failed", marks: ["repeated alone"] };
  expect(marksOf(suite, {}, { flaky: true })).toEqual(["repeated alone", "flaky feature"]);
  expect(marksOf({}, {}, { flaky: true })).toEqual(["flaky feature"]);
});
