// Owns the cases of the conflict rate as pages show it: what counts, and the interval of what counts.
import { expect, test } from "bun:test";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { wilson } from "../report/rate.ts";
import { conflictRate } from "./data.ts";

const rows = (...statuses: OutcomeRow["merge_status"][]) =>
  statuses.map((merge_status) => ({ merge_status }) as OutcomeRow);

test("the interval is of the merges that could conflict: empty, unapplied and unmerged ones are not among them", () => {
  const found = conflictRate(
    rows("conflicts", "clean", "clean", "clean", "empty", "apply_failed", null, null),
  );
  expect(found).toEqual({ conflicts: 1, merged: 4, rate: 0.25, ...wilson(1, 4) });
});

test("without such a merge nothing is known", () => {
  expect(conflictRate(rows("empty", null))).toEqual({
    ...{ conflicts: 0, merged: 0, rate: null, low: null, high: null },
  });
});
