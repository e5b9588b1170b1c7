import { afterAll, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "../../../db/ledger.fixture.ts";
import { addFault, mergeRecord, mergeRow } from "../../../db/verdicts.fixture.ts";
import { anatomyLines, conflictLines } from "./conflicts.ts";

const ledger = memoryLedger();
afterAll(() => ledger.close());
addRun(ledger, { run: "coop" });
addRun(ledger, { run: "solo", setting: "solo" });
addRun(ledger, { run: "idle" });

type Row = Parameters<typeof mergeRow>[1];
function add(pair: string, merge?: Row): string {
  const key = `coop/${pair}`;
  ledger.attempts.put([attemptRecord(key)]);
  if (merge === undefined) return key;
  const union = mergeRow(key, { strategy: "union" });
  ledger.merges.put([mergeRecord([mergeRow(key, merge), union])]);
  return key;
}
const conflict = (sections: number, lines: number, severity: string): Row => ({
  ...{ status: "conflicts", sections, lines, files: 1, severity },
  score: 20 * sections + 2 * lines,
});

add("alpha_task/task1/features_1_2", conflict(1, 0, "low"));
add("alpha_task/task1/features_1_3", conflict(2, 10, "high"));
add("alpha_task/task1/features_2_3", { status: "clean" });
add("alpha_task/task2/features_1_2", conflict(3, 30, "critical"));
add("alpha_task/task2/features_1_3", { status: "clean" });
add("beta_task/task0/features_1_2", { status: "clean" });
add("beta_task/task0/features_1_3", { status: "apply_failed" });
add("beta_task/task0/features_2_3", { status: "empty" });
add("beta_task/task0/features_1_4");
addFault(ledger, add("beta_task/task0/features_2_4"), { step: "merge" });
addFault(ledger, "coop/beta_task/task0/features_3_4");
addFault(ledger, "coop/beta_task/task0/features_3_4", { code: "engine_gone" });
ledger.attempts.put([attemptRecord("solo/alpha_task/task1/features_1_2", { agents: [{}] })]);
const runs = ["solo", "idle", "coop"];

test("conflicts are over clean merges and conflicts; all else has columns of its own", async () => {
  const rows = await conflictLines(ledger, { runs });
  expect(rows).toMatchObject([
    {
      ...{ run: "coop", attempts: 11, merged: 6, conflicts: 3, conflict_rate: 0.5 },
      ...{ apply_failed: 1, apply_failed_share: 1 / 11, empty: 1, empty_share: 1 / 11 },
      ...{ faults: 2, fault_share: 2 / 11, unmerged: 1 },
      ...{
        low_severity: 1,
        medium_severity: 0,
        high_severity: 1,
        critical_severity: 1,
        median_sections: 2,
        median_score: 60,
      },
      conflict_by_task_reason: null,
    },
  ]);
  // For a rate of 1/2 Wilson's bounds are 1/2 ± z / (2 √(n + z²)).
  const half = 1.959963984540054 / (2 * Math.sqrt(6 + 1.959963984540054 ** 2));
  expect(rows[0]?.conflict_wilson_low).toBeCloseTo(0.5 - half, 9);
  expect(rows[0]?.conflict_wilson_high).toBeCloseTo(0.5 + half, 9);
});

test("repositories and tasks have lines of their own, and one task has no clustered interval", async () => {
  const rows = await conflictLines(ledger, { runs, by: "task" });
  expect(
    rows.map(({ repo, task, attempts, conflicts }) => [repo, task, attempts, conflicts]),
  ).toEqual([
    ["alpha_task", 1, 3, 2],
    ["alpha_task", 2, 2, 1],
    ["beta_task", 0, 6, 0],
  ]);
  expect(rows[0]).toMatchObject({
    conflict_by_task_low: null,
    conflict_by_task_reason: "one cluster",
  });
  const repos = await conflictLines(ledger, { runs, by: "repo" });
  expect(repos.map(({ repo, merged }) => [repo, merged])).toEqual([
    ["alpha_task", 5],
    ["beta_task", 1],
  ]);
});

test("sizes are of conflicts only", () => {
  const rows = anatomyLines(ledger, { runs });
  expect(rows).toMatchObject([
    {
      measure: "sections",
      known_values: 3,
      unknown_values: 0,
      q1: 1.5,
      median: 2,
      q3: 2.5,
      mean: 2,
      total: 6,
    },
    { measure: "lines", median: 10, total: 40 },
    { measure: "files", median: 1, total: 3 },
    { measure: "score", q1: 40, median: 60, q3: 90, total: 200 },
  ]);
});

test("attempts can be named, those that a fault kept from happening too", async () => {
  const only = ["coop/beta_task/task0/features_3_4", "coop/beta_task/task0/features_1_2"];
  const rows = await conflictLines(ledger, { runs, only });
  expect(rows).toMatchObject([
    { attempts: 2, merged: 1, conflict_rate: 0, faults: 1, median_score: null },
  ]);
});
