import { afterAll, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "../../../db/ledger.fixture.ts";
import { addFault, scoreRow } from "../../../db/verdicts.fixture.ts";
import { splitLines } from "./splits.ts";

const ledger = memoryLedger();
afterAll(() => ledger.close());
addRun(ledger, { run: "coop" });
const key = (features: string) => `coop/alpha_task/task1/features_${features}`;
const failed = { outcome: "failed", passed: false } as const;

const scores: [features: string, verdict: Parameters<typeof scoreRow>[1] | undefined][] = [
  ["1_2", { path: "clean" }],
  ["1_3", { path: "union" }],
  ["1_4", { path: "clean" }],
  ["1_5", { ...failed, cause: "broken by merging" }],
  ["2_3", { ...failed, path: null, cause: "patch lost" }],
  ["2_4", { ...failed, outcome: "conflict", path: null, cause: "conflict" }],
  ["2_5", { ...failed, cause: "broken by merging" }],
  ["3_4", { ...failed, cause: null }],
  ["3_5", undefined],
];
for (const [features, verdict] of scores) {
  ledger.attempts.put([attemptRecord(key(features))]);
  if (verdict !== undefined)
    ledger.scores.put(key(features), [scoreRow(key(features), verdict)], []);
}
addFault(ledger, key("4_5"));

test("each verdict is split, with shares of all and of its own", () => {
  const rows = splitLines(ledger, { runs: ["coop"], policy: "union" });
  expect(rows.map((row) => Object.values(row))).toEqual([
    ["coop", "passed", "clean", 2, 0.2, 2 / 3],
    ["coop", "passed", "union", 1, 0.1, 1 / 3],
    ["coop", "failed", "broken by merging", 2, 0.2, 0.4],
    ["coop", "failed", "conflict", 1, 0.1, 0.2],
    ["coop", "failed", "not known", 1, 0.1, 0.2],
    ["coop", "failed", "patch lost", 1, 0.1, 0.2],
    ["coop", "no verdict", "fault", 1, 0.1, 0.5],
    ["coop", "no verdict", "pending", 1, 0.1, 0.5],
  ]);
});

test("another policy, and a choice of attempts, have their own", () => {
  const only = [key("1_2"), key("1_5")];
  expect(splitLines(ledger, { runs: ["coop"], policy: "naive", only })).toMatchObject([
    { verdict: "no verdict", kind: "pending", attempts: 2, share: 1 },
  ]);
});
