import { afterAll, describe, expect, test } from "bun:test";
import { pastLedger } from "../lib/study/history.fixture.ts";
import { scoreRow } from "./verdicts.fixture.ts";

describe("history", () => {
  const ledger = pastLedger({
    a: {
      attempts: [
        { cost_usd: 2, wall_ms: 10, passed: true, suite_ms: 5 },
        { cost_usd: null, wall_ms: 20, passed: false, suite_ms: 7 },
        { cost_usd: 4, wall_ms: 30, pair_key: "beta_task/task2/features_1_2_3" },
      ],
    },
    b: { attempts: [{ cost_usd: 8, passed: true }] },
    // A second try at the first pair.
    c: { attempts: [{ passed: false }] },
  });
  afterAll(() => ledger.close());
  const { history } = ledger;
  const byTime = <Row extends { wall_ms: number }>(rows: Row[]) =>
    rows.toSorted((one, other) => one.wall_ms - other.wall_ms);

  test("of work sums agents, keeps unknown prices unknown and counts features", () => {
    expect(byTime(history.work(["a"]))).toEqual([
      { run: "a", features: 2, cost_usd: 2, wall_ms: 10 },
      { run: "a", features: 2, cost_usd: null, wall_ms: 20 },
      { run: "a", features: 3, cost_usd: 4, wall_ms: 30 },
    ]);
    expect(history.work(["a", "b", "nobody's"])).toHaveLength(4);
    expect(history.work([])).toEqual([]);
  });

  test("of verdicts is a share a pair, under the policy asked for", () => {
    ledger.scores.put(
      "b/alpha_task/task1/features_1_2",
      [
        scoreRow("b/alpha_task/task1/features_1_2"),
        scoreRow("b/alpha_task/task1/features_1_2", { policy: "naive", passed: false }),
      ],
      [],
    );
    const first = "alpha_task/task1/features_1_2";
    expect(history.verdicts(["b", "c"], "union")).toEqual([{ pair_key: first, passed: 0.5 }]);
    expect(history.verdicts(["b", "c"], "naive")).toEqual([{ pair_key: first, passed: 0 }]);
    expect(history.verdicts(["a"], "union")).toHaveLength(2);
  });

  test("of suites counts those of evaluated attempts, and has their times", () => {
    expect(history.suiteCounts(["a", "b"])).toEqual([2, 2]);
    expect(history.suiteTimes(["alpha_task"]).toSorted()).toEqual([5, 5, 7, 7]);
    expect(history.suiteTimes(["beta_task"])).toEqual([]);
  });
});
