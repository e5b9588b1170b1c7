import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { conflictRate } from "../lib/report/rate.ts";
import { conflictsOf } from "../lib/report/report.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import type { MergeStatus } from "./schema.ts";
import { mergeRecord, mergeRow } from "./verdicts.fixture.ts";

const QUERY = readFileSync(join(import.meta.dir, "queries/conflict-rate-by-repo.sql"), "utf8");

const CASES: MergeStatus[][] = [
  ["conflicts"],
  ["clean", "clean"],
  ["conflicts", "clean", "empty"],
  ["conflicts", "conflicts", "clean", "apply_failed", "empty"],
  ["empty", "apply_failed"],
];

test.each(CASES.map((statuses) => [statuses] as const))("the rate of %j", (statuses) => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  for (const [at, status] of statuses.entries()) {
    const key = `r/alpha_task/task${at}/features_1_2`;
    ledger.attempts.put([attemptRecord(key)]);
    ledger.merges.put([mergeRecord([mergeRow(key, { status })])]);
  }
  const pure = conflictRate(statuses);
  expect(conflictsOf(ledger.outcomes.rows("union"))).toEqual(pure);
  const [asked] = ledger.query(QUERY);
  const percent = pure.rate === null ? null : Math.round(1000 * pure.rate) / 10;
  expect(asked).toMatchObject({ conflicts: pure.conflicts, conflict_percent: percent });
  const [view] = ledger.query("SELECT conflicts FROM scoreboard");
  expect(view).toEqual({ conflicts: pure.conflicts });
});
