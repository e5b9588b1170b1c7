import { describe, expect, test } from "bun:test";
import { CONFIG, type Past, pastLedger, somePairs } from "./history.fixture.ts";
import { studyPlan } from "./plan.ts";
import type { PlanArm, PlanOptions } from "./plan-rows.ts";

const GOLD = { ...CONFIG, agent: "gold", model: null };
const SOLO = { ...CONFIG, setting: "solo" } as const;
const NONE = { run: 0, merge: 0, eval: 0, again: [] };
const study: PlanOptions["study"] = {
  name: "first",
  budget_usd: null,
  concurrency: { pairs: 20, suites: 4 },
  evaluation: { policies: ["union"], timeout_ms: 600_000, premerge: true },
};
const arm = (name: string, fields: Partial<PlanArm> = {}): PlanArm => ({
  name,
  run: `first-${name}`,
  config: CONFIG,
  attempts: 100,
  done: NONE,
  ...fields,
});
const AGAIN = [
  { to: "run", units: 40, why: "max_steps changed 40 → 50" },
  { to: "evaluate", units: 10, why: "premerge changed false → true" },
] as const;
const past: Past[] = Array.from({ length: 30 }, (_, index) => ({
  cost_usd: 0.5,
  wall_ms: 120_000,
  suite_ms: 30_000,
  passed: index > 5,
}));

describe("with a history", () => {
  using ledger = pastLedger({
    old: { attempts: past },
    older: { config: SOLO, attempts: past.map((one) => ({ ...one, passed: true })) },
  });
  const arms = [
    arm("coop", { done: { run: 60, merge: 60, eval: 50, again: AGAIN } }),
    arm("solo", { config: SOLO }),
    arm("gold", { config: GOLD, done: { run: 100, merge: 100, eval: 100, again: [] } }),
  ];
  const plan = studyPlan({
    study: { ...study, budget_usd: 60 },
    ledger,
    arms,
    pairs: somePairs(100),
  });

  test("rows count what is done and left", () => {
    expect(plan.arms).toMatchObject([
      {
        arm: "coop",
        to_run: 40,
        to_merge: 40,
        to_evaluate: 50,
        again: [
          "40 to run again: max_steps changed 40 → 50",
          "10 to evaluate again: premerge changed false → true",
        ],
        left_cost_usd: 20,
        from_attempts: 30,
      },
      { arm: "solo", to_run: 100, left_cost_usd: 50, cost_usd: 0.5 },
      { arm: "gold", to_run: 0, to_evaluate: 0, left_cost_usd: 0, run_work_ms: 0, eval_work_ms: 0 },
    ]);
    // 140 attempts of two minutes by twenty; 150 evaluations of two suites of half a minute by four, and a last suite.
    expect(plan.total).toMatchObject({
      attempts: 300,
      run_done: 160,
      left_cost_usd: 70,
      left_ms: Math.max((140 * 120_000) / 20, (150 * 2 * 30_000) / 4) + 30_000,
    });
    expect(
      plan.comparisons.map(({ arms: names, discordant, discordant_from_pairs }) => [
        names,
        discordant,
        discordant_from_pairs,
      ]),
    ).toEqual([
      ["coop, solo", 0.2, 30],
      ["coop, gold", 0.3, null],
      ["solo, gold", 0.3, null],
    ]);
  });

  test("words say the same", () => {
    expect(plan.lines).toEqual([
      "study first: 3 arms on 100 pairs of 1 repository, 300 attempts",
      "  coop (coop mini anthropic/some-model): 40 to run, 40 to merge, 50 to evaluate",
      "    40 to run again: max_steps changed 40 → 50",
      "    10 to evaluate again: premerge changed false → true",
      "  solo (solo mini anthropic/some-model): 100 to run, 100 to merge, 100 to evaluate",
      "  gold (coop gold): nothing to do",
      "done: 160 of 300 run, 160 merged, 150 evaluated, $0.00 spent",
      "expected cost of what is left: $70.00 (coop $20.00, the median of 30 attempts each; solo $50.00, the median of 30 attempts each)",
      "budget: $60.00 left of $60.00, which is not enough",
      "expected time: 38 min (20 pairs and 4 suites at a time)",
      "coop, solo: 100 pairs can show a difference of 12.5 points (20 % of 30 pairs differed before)",
      "coop, gold: 100 pairs can show a difference of 15.3 points (30 % of pairs assumed to differ)",
      "solo, gold: 100 pairs can show a difference of 15.3 points (30 % of pairs assumed to differ)",
      "(80 % power, 5 % two-sided; pairs of one task depend on each other, which calls for more)",
    ]);
  });
});

test("without a history, cost and time are unknown, and why", () => {
  using ledger = pastLedger({});
  const plan = studyPlan({
    study,
    ledger,
    arms: [arm("coop"), arm("gold", { config: GOLD })],
    pairs: somePairs(5),
  });
  expect(plan.total).toMatchObject({ left_cost_usd: null, left_ms: null });
  expect(plan.comparisons).toMatchObject([{ discordant: 0.3, detectable: null }]);
  expect(plan.lines.slice(3)).toEqual([
    "done: 0 of 200 run, 0 merged, 0 evaluated, $0.00 spent",
    "expected cost of what is left: unknown (coop: no finished attempt like it in the ledger)",
    "expected time: unknown (coop, gold: no finished attempt like theirs in the ledger)",
    "coop, gold: 5 pairs cannot show a difference (30 % of pairs assumed to differ)",
    "(80 % power, 5 % two-sided; pairs of one task depend on each other, which calls for more)",
  ]);
});

test("one arm is compared with nothing, and no pair is no crash", () => {
  using ledger = pastLedger({});
  const plan = studyPlan({ study, ledger, arms: [arm("a", { attempts: 0 })], pairs: [] });
  expect(plan.lines).toEqual([
    "study first: 1 arm on 0 pairs of 0 repositories, 0 attempts",
    "  a (coop mini anthropic/some-model): nothing to do",
    "done: 0 of 0 run, 0 merged, 0 evaluated, $0.00 spent",
    "expected cost of what is left: $0.00",
    "expected time: 0 s (20 pairs and 4 suites at a time)",
  ]);
});

test("an arm's line says what it changes of the defaults", () => {
  using ledger = pastLedger({});
  const changed = arm("a", { attempts: 0 });
  const config = {
    ...changed.config,
    max_steps: 7,
    max_cost_usd: null,
    git: true,
    max_wall_ms: 90_500,
  };
  const plan = studyPlan({ study, ledger, arms: [{ ...changed, config }], pairs: [] });
  expect(plan.lines[1]).toBe(
    "  a (coop mini anthropic/some-model, git true, max_steps 7, max_cost_usd none, max_wall_s 90.5): nothing to do",
  );
});
