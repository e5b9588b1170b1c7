import { describe, expect, test } from "bun:test";
import { addRun, attemptRecord } from "../../db/ledger.fixture.ts";
import { openLedger } from "../../db/ledger.ts";
import type { CheckRow } from "../../db/schema.ts";
import { suiteRecord } from "../../db/verdicts.fixture.ts";
import { failureHtml, goldHtml, goldOf, linesAround } from "./suites-failed.ts";

const PAIR = "alpha_task/task1/features_1_2";

/** A ledger with a run of the reference patches and with what check-dataset found. */
function goldLedger() {
  const ledger = openLedger(":memory:");
  addRun(ledger, { run: "gold", agent: "gold" });
  addRun(ledger, { run: "coop" });
  const keys = ["gold", "coop"].map((run) => `${run}/${PAIR}`);
  ledger.attempts.put(keys.map((key) => attemptRecord(key)));
  const suite = (suite_key: string, outcome: "passed" | "failed", status = outcome) =>
    ledger.scores.putSuite(
      suiteRecord(suite_key, { outcome, tests: [{ name: "adds", status }], environment: "e" }),
    );
  suite("gold-alone", "passed");
  suite("gold-merged", "failed");
  suite("theirs", "failed");
  const rest = (attempt_key: string, tested: "alone" | "naive", suite_key: string) => ({
    ...{ attempt_key, tested, suite_key, feature_id: 1 },
  });
  const [gold = "", coop = ""] = keys;
  ledger.scores.put(
    gold,
    [],
    [rest(gold, "alone", "gold-alone"), rest(gold, "naive", "gold-merged")],
  );
  ledger.scores.put(coop, [], [rest(coop, "naive", "theirs")]);
  return { ledger, coop };
}
const pair = { pair_key: PAIR, repo: "alpha_task", task_id: 1 };

describe("the reference patches beside a suite that failed", () => {
  test("are alone and merged, of the same tests in the same surroundings", () => {
    using made = goldLedger().ledger;
    const found = made.goldSuites.ofPair(pair);
    expect(found.map(({ on, suite }) => [on, suite.suite_key])).toEqual([
      ["alone", "gold-alone"],
      ["merged", "gold-merged"],
    ]);
    const [gold] = found;
    if (gold === undefined) throw new Error("a suite");
    expect(goldOf(gold.suite, found)).toHaveLength(2);
    expect(goldOf({ ...gold.suite, environment: "other" }, found)).toEqual([]);
    expect(goldOf({ ...gold.suite, feature_id: 2 }, found)).toEqual([]);
    expect(made.goldSuites.ofPair({ ...pair, pair_key: "x" })).toEqual([]);
  });

  test("are those of check-dataset where no run tested them", () => {
    using ledger = openLedger(":memory:");
    ledger.scores.putSuite(suiteRecord("checked", { outcome: "passed" }));
    const checked: CheckRow = {
      ...{ repo: "alpha_task", task_id: 1, feature_id: 1, kind: "gold", backend: "local" },
      ...{ environment: "local", task_hash: "h", good: true, flaky: false, unknown: false },
      ...{ cause: null, outcomes: ["passed"], suite_key: "checked" },
      checked_at: "2026-01-02T03:04:05.678Z",
    };
    ledger.checks.put([checked]);
    expect(ledger.goldSuites.ofPair(pair).map(({ on, suite }) => [on, suite.suite_key])).toEqual([
      ["alone", "checked"],
    ]);
  });

  test("stand in a table, test by test", () => {
    using made = goldLedger().ledger;
    const gold = made.goldSuites.ofPair(pair);
    const [first] = gold;
    if (first === undefined) throw new Error("a suite");
    const tests = [
      { name: "adds", status: "failed" },
      { name: "lacks", status: "error" },
      { name: "fine", status: "passed" },
    ];
    const { text } = goldHtml({ ...first.suite, outcome: "failed", tests }, gold);
    expect(text).toContain(
      '<th scope="row" class="words">adds</th><td>failed</td><td>passed</td><td>failed</td>',
    );
    expect(text).toContain(
      '<th scope="row" class="words">lacks</th><td>error</td><td>not named</td>',
    );
    expect(text).not.toContain("fine");
    expect(goldHtml(first.suite, []).text).toContain("check-dataset");
  });
});

describe("the first failure", () => {
  const ONE = { before: 1, after: 1 };
  const output = [
    "bun test v1.4.5",
    "",
    "sum.test.ts:",
    "12 |   expect(sum).toBe(3)",
    "error: expect(received).toBe(expected)",
    "",
    "Expected: 3",
    "Received: <4>",
    "      at <anonymous> (/workspace/repo/tests/sum.test.ts:12:15)",
    "(fail) adds [0.1ms]",
    " 0 pass",
  ].join("\n");
  const suite = {
    feature_id: 1,
    environment: "e",
    tests_patch: "t",
    outcome: "failed",
    tests: [{ name: "adds", status: "failed" }],
  } as const;

  test("is shown with its test, its place, and the lines around it", () => {
    const shown = String(failureHtml({ ...suite, tests: [...suite.tests] }, output));
    expect(shown).toContain("<b>adds</b> at <code>tests/sum.test.ts:12</code>");
    expect(shown).toContain("Received: &lt;4&gt;");
    expect(shown).not.toContain("bun test v1.4.5");
    expect(failureHtml({ ...suite, tests: [] }, "nothing that is known")).toBeNull();
  });
  test("has the lines around its words, cut where they are long", () => {
    expect(linesAround("z\na\nb\nc words d\ne\nf", "words", { before: 2, after: 1 })).toBe(
      "a\nb\nc words d\ne",
    );
    expect(linesAround("a", null, ONE)).toBeUndefined();
    expect(linesAround("a", "words", ONE)).toBeUndefined();
    expect(linesAround(`words${"x".repeat(500)}`, "words", ONE)).toEndWith(" ⋯");
  });
});
