import { describe, expect, test } from "bun:test";
import { repeatLines, triesByRun, withIntervals } from "./intervals.ts";
import { repoLines, runGroups, runLines, tryRow } from "./report.ts";
import { rowsOf } from "./rows.fixture.ts";
import { armRates } from "./stats/index.ts";

const NONE = new Map();

describe("intervals", () => {
  test("of a run are those that armRates gives, by task and by repository", async () => {
    const rows = [
      ...rowsOf(["1100", "1x1-", "0001"], { run: "a" }),
      ...rowsOf(["10", "11"], { run: "a", repo: "y_task" }),
    ];
    const [line] = await withIntervals(runLines(runGroups(rows), NONE), triesByRun(rows));
    const { by_task, by_repo } = await armRates(rows.map(tryRow));
    expect(by_task.low).toBeGreaterThan(0);
    expect(line).toMatchObject({
      by_task_low: by_task.low,
      by_task_high: by_task.high,
      by_task_reason: null,
      by_repo_low: by_repo.low,
      by_repo_high: by_repo.high,
    });
  });

  test("of a repository are over its own tasks, and it has none by repository", async () => {
    const own = rowsOf(["110", "100"], { run: "a" });
    const rows = [...own, ...rowsOf(["1"], { run: "a", repo: "y_task" })];
    const [x, y] = await withIntervals(repoLines(rows, NONE), triesByRun(rows));
    const { by_task } = await armRates(own.map(tryRow));
    expect(x).toMatchObject({ repo: "x_task", by_task_low: by_task.low });
    expect(y).toMatchObject({ repo: "y_task", by_task_low: null, by_task_reason: "one cluster" });
    expect(Object.keys(x ?? {})).not.toContain("by_repo_low");
  });

  test("a run without a verdict has no interval, and the reason", async () => {
    const rows = rowsOf(["-x"], { run: "a" });
    const [line] = await withIntervals(runLines(runGroups(rows), NONE), triesByRun(rows));
    expect(line).toMatchObject({ pass_rate: null, by_task_reason: "no observations" });
  });
});

test("pass@k and pass^k are given for runs with several tries, and for those only", () => {
  const first = rowsOf(["10", "11"], { run: "a" });
  const second = rowsOf(["11", "0x"], { run: "a", try: 2 });
  const rows = [...first, ...second, ...rowsOf(["1"], { run: "once" })];
  // Tries by pair: 11, 01, 10, 1 (its second met a fault).
  expect(repeatLines(runGroups(rows), triesByRun(rows))).toEqual([
    { run: "a", setting: "coop", k: 1, pairs: 4, left_out: 0, pass_at_k: 0.75, pass_hat_k: 0.75 },
    { run: "a", setting: "coop", k: 2, pairs: 3, left_out: 1, pass_at_k: 1, pass_hat_k: 1 / 3 },
  ]);
});
