import { describe, expect, test } from "bun:test";
import type { RunConfig } from "../attempt/config.ts";
import { type ArmEstimate, discordance, estimateArm, expectation, studyTime } from "./estimate.ts";
import { CONFIG, type Past, pastLedger, somePairs } from "./history.fixture.ts";

const attempts = (...costs: (number | null)[]): Past[] =>
  costs.map((cost_usd, index) => ({ cost_usd, wall_ms: 1000 * (index + 1) }));
const pairs = somePairs(4);

describe("what one attempt takes is the median of those that are alike", () => {
  const cases: [
    what: string,
    past: Parameters<typeof pastLedger>[0],
    config: Partial<RunConfig>,
    wanted: Partial<ReturnType<typeof expectation>>,
  ][] = [
    ["nothing is known of nothing", {}, {}, { cost_usd: null, wall_ms: null, from_attempts: 0 }],
    [
      "of all runs alike",
      { a: { attempts: attempts(1, 2) }, b: { attempts: attempts(9) } },
      {},
      { cost_usd: 2, wall_ms: 1000, from_attempts: 3 },
    ],
    [
      "the same backend before another",
      { a: { attempts: attempts(1) }, b: { config: { backend: "local" }, attempts: attempts(9) } },
      {},
      { cost_usd: 1, from_attempts: 1 },
    ],
    [
      "another backend when there is no other",
      { b: { config: { backend: "local" }, attempts: attempts(9) } },
      {},
      { cost_usd: 9, from_attempts: 1 },
    ],
    [
      "not another model",
      { a: { attempts: attempts(1) } },
      { model: "openai/x" },
      { cost_usd: null },
    ],
    [
      "not another setting",
      { a: { attempts: attempts(1) } },
      { setting: "solo" },
      { cost_usd: null },
    ],
    [
      "not another agent",
      { a: { attempts: attempts(1) } },
      { agent: "./x.ts" },
      { cost_usd: null },
    ],
    [
      "neither replays nor runs with a cache",
      {
        a: { config: { replay_of: "x" }, attempts: attempts(1) },
        b: { config: { cache: true }, attempts: attempts(1) },
      },
      {},
      { cost_usd: null, from_attempts: 0 },
    ],
    [
      "not teams of another size",
      { a: { attempts: [{ cost_usd: 4, pair_key: "alpha_task/task1/features_1_2_3" }] } },
      {},
      { cost_usd: null, from_attempts: 0 },
    ],
    [
      "attempts of unknown price have a time",
      { a: { attempts: attempts(null, null) } },
      {},
      { cost_usd: null, wall_ms: 1500, from_attempts: 2 },
    ],
    [
      "gold is free, whatever is known",
      {},
      { agent: "gold", model: null },
      { cost_usd: 0, wall_ms: null },
    ],
    ["a recording is free", {}, { model: "replay/demo" }, { cost_usd: 0, wall_ms: null }],
    ["a replay is free", {}, { replay_of: "a" }, { cost_usd: 0 }],
  ];
  test.each(cases)("%s", (_, past, config, wanted) => {
    using ledger = pastLedger(past);
    expect(expectation({ ledger, pairs }, { ...CONFIG, ...config })).toMatchObject(wanted);
  });
});

describe("what is left of an arm", () => {
  const tested: Past[] = [1, 2, 3].map((n) => ({ passed: true, suite_ms: 100 * n, wall_ms: 500 }));

  test("is one attempt times the attempts, and two suites each", () => {
    using ledger = pastLedger({ a: { attempts: tested } });
    const left = { config: CONFIG, to_run: 10, to_evaluate: 20 };
    expect(estimateArm({ ledger, pairs }, left)).toMatchObject({
      left_cost_usd: 10,
      run_work_ms: 5000,
      suites: 2,
      eval_work_ms: 20 * 2 * 200,
    });
  });

  test("is nothing when nothing is left, and unknown when nothing is known", () => {
    using ledger = pastLedger({});
    const estimate = (to_run: number, to_evaluate: number) => {
      const left = estimateArm({ ledger, pairs }, { config: CONFIG, to_run, to_evaluate });
      return [left.left_cost_usd, left.run_work_ms, left.eval_work_ms];
    };
    expect(estimate(0, 0)).toEqual([0, 0, 0]);
    expect(estimate(0, 1)).toEqual([0, 0, null]);
    expect(estimate(1, 1)).toEqual([null, null, null]);
  });
});

describe("the time of a study", () => {
  const arm = (fields: Partial<ArmEstimate & { to_run: number; to_evaluate: number }>) => ({
    cost_usd: 0,
    wall_ms: 1000,
    suites: 2,
    from_attempts: 1,
    left_cost_usd: 0,
    run_work_ms: 0,
    eval_work_ms: 0,
    to_run: 0,
    to_evaluate: 0,
    ...fields,
  });
  const slots = { pairs: 10, suites: 2, suite_ms: 7 };
  const cases: [arms: Parameters<typeof arm>[0][], time: number | null][] = [
    [[], 0],
    [[{}], 0],
    [[{ to_run: 100, run_work_ms: 100_000 }], 10_000],
    [[{ to_run: 100, run_work_ms: 100_000, to_evaluate: 1, eval_work_ms: 14 }], 10_007],
    [[{ to_run: 1, run_work_ms: 1000 }], 1000],
    [[{ to_evaluate: 100, eval_work_ms: 60_000 }], 30_007],
    [
      [
        { to_run: 50, run_work_ms: 50_000 },
        { to_run: 50, run_work_ms: 50_000 },
      ],
      10_000,
    ],
    [[{ run_work_ms: null }, {}], null],
    [[{ eval_work_ms: null }], null],
  ];
  test.each(cases)("of %j is %p ms", (arms, time) => {
    expect(studyTime(arms.map(arm), slots)).toBe(time);
  });
});

describe("how often two arms differ", () => {
  const verdicts = (passes: string): Past[] =>
    [...passes].map((letter) => ({ passed: letter === "p" }));
  const solo = { setting: "solo" } as const;
  const cases: [what: string, coop: string, solo: string, wanted: unknown][] = [
    [
      "counts pairs of both",
      "pppppppppppppppppppppp",
      "ffffffppppppppppppppp",
      { share: 6 / 21, pairs: 21 },
    ],
    ["is unknown on few pairs", "ppppppppppppppppppp", "fffffffffffffffffff", undefined],
    ["is unknown when none differs", "p".repeat(30), "p".repeat(30), undefined],
    ["is unknown of a new arm", "p".repeat(30), "", undefined],
  ];
  test.each(cases)("%s", (_, coop, other, wanted) => {
    using ledger = pastLedger({
      a: { config: { backend: "local" }, attempts: verdicts(coop) },
      b: { config: solo, attempts: verdicts(other) },
      c: { config: { ...solo, max_steps: 5 }, attempts: verdicts("f".repeat(30)) },
    });
    expect<unknown>(discordance(ledger, [CONFIG, { ...CONFIG, ...solo }], "union")).toEqual(wanted);
  });
});
