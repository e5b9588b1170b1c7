import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import type { OutcomeRow } from "./outcomes.ts";
import { addFault, mergeRecord, mergeRow, scoreRow } from "./verdicts.fixture.ts";

setDefaultTimeout(60_000);

const at = (pair: string, run = "one") => `${run}/alpha_task/task1/features_${pair}`;

function filled(): Ledger {
  const ledger = memoryLedger();
  addRun(ledger, { run: "one", config: { setting: "coop", task_hash: "hash", max_steps: 30 } });
  addRun(ledger, { run: "two", setting: "solo", model: null });
  ledger.attempts.put([
    attemptRecord(at("1_2"), {
      agents: [
        { cost_usd: 0.25, steps: 2, messages_sent: 1 },
        { cost_usd: 0.5, steps: 5 },
      ],
    }),
    attemptRecord(at("1_3"), { agents: [{ cost_usd: 1 }, { cost_usd: null }] }),
    attemptRecord(at("1_2", "two"), { agents: [{ features: [1, 2] }] }),
  ]);
  ledger.merges.put([
    mergeRecord([
      mergeRow(at("1_2"), { status: "conflicts" }),
      mergeRow(at("1_2"), { strategy: "union" }),
    ]),
  ]);
  ledger.scores.put(
    at("1_2"),
    [
      scoreRow(at("1_2"), { policy: "naive", outcome: "conflict", path: null, passed: false }),
      scoreRow(at("1_2"), { policy: "union", path: "union" }),
    ],
    [],
  );
  return ledger;
}
const find = (rows: readonly OutcomeRow[], key: string) =>
  rows.find((row) => row.attempt_key === key);

describe("an attempt", () => {
  test("has its verdict under the policy asked for, and its naive merge under both", () => {
    using ledger = filled();
    expect(find(ledger.outcomes.rows("naive"), at("1_2"))).toMatchObject({
      outcome: "conflict",
      passed: false,
      path: null,
      merge_status: "conflicts",
    });
    expect(find(ledger.outcomes.rows("union"), at("1_2"))).toEqual({
      attempt_key: at("1_2"),
      run: "one",
      repo: "alpha_task",
      task_id: 1,
      features: "1,2",
      setting: "coop",
      agent: "mini",
      model: "replay/demo",
      try: 1,
      merge_status: "conflicts",
      path: "union",
      outcome: "passed",
      passed: true,
      cause: null,
      cost_usd: 0.75,
      known_usd: 0.75,
      steps: 7,
      messages: 1,
      wall_ms: 1000,
      fault: null,
      max_steps: 30,
      task_hash: "hash",
    });
  });

  test("not merged nor scored yet has nulls, and an unknown price makes the cost unknown", () => {
    using ledger = filled();
    expect(find(ledger.outcomes.rows("union"), at("1_3"))).toMatchObject({
      merge_status: null,
      outcome: null,
      passed: null,
      cost_usd: null,
      steps: 6,
    });
  });

  test("is one row, however many agents, merges, verdicts and faults it has", () => {
    using ledger = filled();
    for (const step of ["merge", "eval", "eval"] as const) addFault(ledger, at("1_2"), { step });
    const keys = ledger.outcomes.rows("union").map((row) => row.attempt_key);
    expect(keys).toEqual([at("1_2"), at("1_3"), at("1_2", "two")]);
  });

  test("shows its newest open fault until the unit succeeds", () => {
    using ledger = filled();
    addFault(ledger, at("1_2"), { step: "eval", code: "disk_full" });
    addFault(ledger, at("1_2"), { step: "eval", code: "engine_gone" });
    expect(find(ledger.outcomes.rows("union"), at("1_2"))?.fault).toBe("engine_gone");
    ledger.scores.put(at("1_2"), [scoreRow(at("1_2"))], []);
    expect(find(ledger.outcomes.rows("union"), at("1_2"))?.fault).toBeNull();
  });
});

describe("a fault without an attempt", () => {
  test("is a row of its own, gone once the attempt is there", () => {
    using ledger = filled();
    const key = `${at("2_3")}~2`;
    addFault(ledger, key, { code: "no_image" });
    addFault(ledger, key, { code: "sandbox_failed" });
    expect(ledger.outcomes.rows("union").filter((row) => row.attempt_key === key)).toMatchObject([
      {
        run: "one",
        features: "2,3",
        try: 2,
        setting: "coop",
        agent: "mini",
        fault: "sandbox_failed",
        passed: null,
        outcome: null,
        merge_status: null,
        cost_usd: null,
        steps: null,
      },
    ]);
    ledger.attempts.put([attemptRecord(key)]);
    expect(find(ledger.outcomes.rows("union"), key)).toMatchObject({ fault: null, steps: 6 });
  });
});

describe("runs", () => {
  const cases: [title: string, runs: string[] | undefined, expected: number][] = [
    ["all", undefined, 3],
    ["one", ["two"], 1],
    ["both", ["one", "two"], 3],
    ["none", [], 0],
    ["text is data, not SQL", ["one') OR 1 --"], 0],
  ];
  test.each(cases)("%s", (_, runs, expected) => {
    using ledger = filled();
    expect(ledger.outcomes.rows("union", runs).length).toBe(expected);
  });
});
