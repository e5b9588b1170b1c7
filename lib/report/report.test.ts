import { describe, expect, test } from "bun:test";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { CheckRow } from "../../db/schema.ts";
import { type GoldVerdicts, goldVerdicts, makeReport } from "./report.ts";
import { outcomeRow as row } from "./rows.fixture.ts";

const failed = (features: string, given: Partial<OutcomeRow>) =>
  row({ features, passed: false, path: null, outcome: "failed", ...given });

const ROWS = [
  row({ features: "1,2" }),
  failed("1,3", { merge_status: "conflicts", outcome: "conflict", cause: "conflict" }),
  failed("1,4", {
    merge_status: "apply_failed",
    outcome: "patch does not apply",
    cause: "patch lost",
  }),
  failed("2,3", { merge_status: "empty", outcome: "empty patch", cause: "patch lost" }),
  row({
    features: "2,4",
    fault: "engine_gone",
    passed: null,
    outcome: null,
    path: null,
    merge_status: null,
    cost_usd: null,
  }),
];
const report = (
  rows: readonly OutcomeRow[],
  gold: GoldVerdicts = new Map(),
  checks: CheckRow[] = [],
) => makeReport({ rows, policy: "union", gold, checks });

describe("a report", () => {
  test("counts failures of every kind in the denominator, and faults beside it", () => {
    expect(report(ROWS).runs[0]).toMatchObject({
      pairs: 5,
      passed: 1,
      pass_rate: 0.25,
      faults: 1,
      pending: 0,
      cost_usd: 4,
      cost_unknown: 1,
      steps: 10,
      messages: 15,
    });
  });

  const COSTS: [what: string, rows: OutcomeRow[], cost: number | null, unknown: number][] = [
    ["all known", [row({ features: "1,2" }), row({ features: "1,3", cost_usd: 0 })], 1, 0],
    ["one unknown", [row({ features: "1,2" }), row({ features: "1,3", cost_usd: null })], 1, 1],
    [
      "an agent of one unknown",
      [row({ features: "1,2" }), row({ features: "1,3", cost_usd: null, known_usd: 0.25 })],
      1.25,
      1,
    ],
    ["none known", [row({ features: "1,2", cost_usd: null })], null, 1],
    [
      "a fault that kept it from happening",
      [row({ features: "1,2", cost_usd: null, wall_ms: null, fault: "no_image" })],
      0,
      0,
    ],
  ];
  test.each(COSTS)(
    "X5: sums the known costs, and says how many are not: %s",
    (_, rows, cost_usd, cost_unknown) => {
      expect(report(rows).runs[0]).toMatchObject({ cost_usd, cost_unknown });
    },
  );

  test("X5: steps that nobody counted are not 0", () => {
    expect(report([row({ features: "1,2", steps: null })]).runs[0]).toMatchObject({ steps: null });
  });

  const BUDGETS: [rows: OutcomeRow[], each: number | null, all: number | null][] = [
    [[row({ features: "1,2" }), row({ features: "3,4" })], 50, 100],
    [[row({ features: "1,2,3" })], 50, 150],
    [[row({ features: "1,2", setting: "solo" })], 50, 50],
    [[row({ features: "1,2" }), row({ features: "1,2,3" })], 50, null],
    [[row({ features: "1,2", max_steps: null })], null, null],
  ];
  test.each(BUDGETS)("tells the steps an agent and an attempt may take", (rows, each, all) => {
    expect(report(rows).runs[0]).toMatchObject({
      max_steps_per_agent: each,
      max_steps_per_attempt: all,
    });
  });

  test("takes the conflict rate over pairs whose patches all apply and are not empty", () => {
    expect(report(ROWS).runs[0]).toMatchObject({
      conflicts: 1,
      conflict_rate: 0.5,
      apply_failed: 1,
      empty: 1,
    });
  });

  test("says where failures began, and how passes came about, each as shares of their own", () => {
    const { causes, paths } = report(ROWS);
    expect(causes).toEqual([
      { run: "r", setting: "coop", cause: "patch lost", pairs: 2, share: 2 / 3 },
      { run: "r", setting: "coop", cause: "conflict", pairs: 1, share: 1 / 3 },
    ]);
    expect(paths).toEqual([{ run: "r", setting: "coop", path: "clean", pairs: 1, share: 1 }]);
  });

  test("knows no rate where nothing is scored", () => {
    const pending = row({
      features: "1,2",
      passed: null,
      outcome: null,
      path: null,
      merge_status: null,
    });
    expect(report([pending]).runs[0]).toMatchObject({
      pass_rate: null,
      wilson_low: null,
      pending: 1,
      conflict_rate: null,
    });
  });

  test("U8: tells no conflict rate of who works alone", () => {
    for (const merge_status of ["clean", "conflicts", null] as const) {
      const [solo] = report([row({ features: "1,2", setting: "solo", merge_status })]).runs;
      expect(solo).toMatchObject({ setting: "solo", conflicts: null, conflict_rate: null });
    }
    const [coop] = report([row({ features: "1,2" })]).runs;
    expect(coop).toMatchObject({ conflicts: 0, conflict_rate: 0 });
  });

  test("shows the gold ceiling only where every pair has a gold verdict, and never for solo", () => {
    const gold = goldVerdicts([
      row({ features: "1,2", agent: "gold" }),
      failed("1,3", { agent: "gold" }),
    ]);
    expect(report(ROWS.slice(0, 2), gold).runs[0]).toMatchObject({ gold_ceiling: 0.5 });
    expect(report(ROWS, gold).runs[0]).toMatchObject({ gold_ceiling: null });
    expect(report([row({ features: "1,2", setting: "solo" })], gold).runs[0]).toMatchObject({
      gold_ceiling: null,
    });
  });

  test("the ceiling of a pair is of the edition on which it was tried", () => {
    const gold = goldVerdicts([
      row({ features: "1,2", agent: "gold", task_hash: "spring" }),
      failed("1,2", { agent: "gold", task_hash: "autumn" }),
      row({ features: "1,3", agent: "gold", task_hash: "spring" }),
    ]);
    const on = (task_hash: string | null, features = "1,2") => [row({ features, task_hash })];
    const ceilingOf = (rows: readonly OutcomeRow[]) => report(rows, gold).runs[0]?.gold_ceiling;
    expect(ceilingOf(on("spring"))).toBe(1);
    expect(ceilingOf(on("autumn"))).toBe(0);
    expect(ceilingOf([...on("spring"), ...on("autumn")])).toBe(0.5);
    expect(ceilingOf(on("winter"))).toBeNull();
    expect(ceilingOf(on("autumn", "1,3"))).toBeNull();
    // Of a fault no version is known: there has to be one only.
    expect(ceilingOf(on(null))).toBeNull();
    expect(ceilingOf(on(null, "1,3"))).toBe(1);
  });

  test("V18, V26: names features whose check is not as it should be", () => {
    const check = (feature_id: number, found: Partial<CheckRow>): CheckRow => ({
      repo: "x_task",
      task_id: 1,
      feature_id,
      kind: "gold",
      backend: "local",
      environment: "e",
      task_hash: "hash",
      good: false,
      flaky: false,
      outcomes: [],
      suite_key: "s",
      checked_at: "2026-01-01T00:00:00Z",
      unknown: false,
      cause: null,
      ...found,
    });
    const CHECKS = [
      check(1, { good: true }),
      check(2, { flaky: true }),
      check(3, { cause: "tests do not discriminate" }),
      check(4, { unknown: true }),
    ];
    expect(report(ROWS, new Map(), CHECKS).checks).toEqual([
      {
        repo: "x_task",
        task: 1,
        check: "gold",
        backend: "local",
        features: 4,
        as_it_should: 1,
        not_as_it_should: "3",
        flaky_features: "2",
        unproven_features: "4",
        why_not_as_it_should: "3: tests do not discriminate",
      },
    ]);
  });
});
