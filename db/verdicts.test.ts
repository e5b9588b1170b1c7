import { describe, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger, NOW } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import { scoreRow, suiteRecord } from "./verdicts.fixture.ts";

const KEY = "r/alpha_task/task1/features_1_2";

describe("verdicts", () => {
  const put = (ledger: Ledger, name: string, feature_id: number, outcome: "passed" | "failed") =>
    ledger.scores.putSuite(suiteRecord(name, { feature_id, outcome }));
  const policies = (ledger: Ledger) =>
    ledger.query(
      "SELECT policy, outcome, feature_a, feature_a_outcome, feature_b, feature_b_outcome FROM verdicts ORDER BY policy",
    );
  const filled = () => {
    const ledger = memoryLedger();
    addRun(ledger, { run: "r" });
    ledger.attempts.put([attemptRecord(KEY)]);
    put(ledger, "p1", 1, "passed");
    put(ledger, "f2", 2, "failed");
    put(ledger, "p2", 2, "passed");
    return ledger;
  };
  const rest = (tested: "naive" | "union" | "0.0.14", ...keys: string[]) =>
    keys.map((suite_key, at) => ({ attempt_key: KEY, tested, feature_id: at + 1, suite_key }));
  const a = { feature_a: 1, feature_b: 2 };

  test("where the naive merge was tested it decides under every policy of ours; an era has its own", () => {
    using ledger = filled();
    const failed = { outcome: "failed", passed: false } as const;
    const both = (["naive", "union"] as const).map((policy) =>
      scoreRow(KEY, { policy, ...failed }),
    );
    ledger.scores.put(KEY, both, rest("naive", "p1", "f2"));
    ledger.scores.put(KEY, [scoreRow(KEY, { policy: "0.0.14" })], rest("0.0.14", "p1", "p2"));
    const own = { ...failed, ...a, feature_a_outcome: "passed", feature_b_outcome: "failed" };
    const { passed: _passed, ...row } = own;
    expect(policies(ledger)).toEqual([
      {
        policy: "0.0.14",
        outcome: "passed",
        ...a,
        feature_a_outcome: "passed",
        feature_b_outcome: "passed",
      },
      { policy: "naive", ...row },
      { policy: "union", ...row },
    ]);
  });

  test("what was not tested is null: a conflict under naive, with a union that was tested beside it", () => {
    using ledger = filled();
    const conflict = { policy: "naive", outcome: "conflict", passed: false, path: null } as const;
    ledger.scores.put(KEY, [scoreRow(KEY, conflict), scoreRow(KEY)], rest("union", "p1", "p2"));
    expect(policies(ledger)).toMatchObject([
      { policy: "naive", ...a, feature_a_outcome: null, feature_b_outcome: null },
      { policy: "union", ...a, feature_a_outcome: "passed", feature_b_outcome: "passed" },
    ]);
  });

  test("three features and more are all in suites", () => {
    using ledger = filled();
    const key = "r/alpha_task/task1/features_1_2_10";
    ledger.attempts.put([attemptRecord(key)]);
    put(ledger, "p10", 10, "passed");
    const suites = [
      [1, "p1"],
      [2, "f2"],
      [10, "p10"],
    ] as const;
    ledger.scores.put(
      key,
      [scoreRow(key)],
      suites.map(([feature_id, suite_key]) => ({
        attempt_key: key,
        tested: "naive" as const,
        feature_id,
        suite_key,
      })),
    );
    expect(ledger.query("SELECT feature_a, feature_b, suites, pair_key FROM verdicts")).toEqual([
      {
        ...a,
        suites: '{"1":"passed","2":"failed","10":"passed"}',
        pair_key: "alpha_task/task1/features_1_2_10",
      },
    ]);
  });

  test("an imported one says of each feature what its file says; one without a verdict has no row", () => {
    using ledger = filled();
    const other = "r/alpha_task/task1/features_1_3";
    ledger.attempts.put([attemptRecord(other)]);
    const row = {
      source: "there",
      form: "released",
      content_sha256: "c",
      problems: [],
      imported_at: NOW,
    };
    const said = { feature1: { passed: true }, feature2: { passed: false } };
    ledger.imported.put([
      {
        ...row,
        attempt_key: KEY,
        passed: false,
        merge_status: "clean",
        strategy: "naive",
        files: { "eval.json": said },
      },
      { ...row, attempt_key: other, passed: null, files: {} },
    ]);
    expect(policies(ledger)).toEqual([
      {
        policy: "imported",
        outcome: "failed",
        ...a,
        feature_a_outcome: "passed",
        feature_b_outcome: "failed",
      },
    ]);
  });
});
