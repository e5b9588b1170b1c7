import { describe, expect, test } from "bun:test";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { armsOf, comparisonLines, couplesOf } from "./compare.ts";
import { tryRow } from "./report.ts";
import { rowsOf } from "./rows.fixture.ts";
import { compareArms, holm } from "./stats/index.ts";

const SOLO = rowsOf(["111", "110", "1x1", "11"], { run: "alone", setting: "solo" });
const COOP = rowsOf(["101", "101", "010", "01"], { run: "both" });
const OTHER = rowsOf(["111", "111", "110", "10"], { run: "other", model: "n" });
const ELSEWHERE = rowsOf(["11"], { run: "elsewhere", repo: "y_task" });
const WAITING = rowsOf(["---"], { run: "waiting" });
const linesOf = (...rows: OutcomeRow[][]) => comparisonLines(couplesOf(armsOf(rows.flat())));

describe("couples", () => {
  const cases: [title: string, rows: OutcomeRow[][], couples: string[]][] = [
    ["solo stands before coop", [COOP, SOLO], ["alone both coordination gap"]],
    ["another model is no gap", [SOLO, OTHER], ["alone other difference"]],
    [
      "gaps come first",
      [COOP, OTHER, SOLO],
      ["alone both coordination gap", "both other difference", "alone other difference"],
    ],
    ["no pair in common, none scored", [SOLO, ELSEWHERE, WAITING], []],
    ["one run", [SOLO], []],
  ];
  test.each(cases)("%s", (_, rows, couples) => {
    const found = couplesOf(armsOf(rows.flat())).map(
      ({ a, b, comparison }) => `${a.run} ${b.run} ${comparison}`,
    );
    expect(found).toEqual(couples);
  });
});

describe("a line", () => {
  test("holds the gap, its errors and its tests as the statistics give them", async () => {
    const [line] = await linesOf(COOP, SOLO);
    const found = await compareArms(SOLO.map(tryRow), COOP.map(tryRow));
    expect(found.by_task.interval.low).toBeGreaterThan(-1);
    expect(line).toMatchObject({
      ...{ run_a: "alone", run_b: "both", comparison: "coordination gap" },
      ...{ pairs: 10, dropped: 1, only_a: 0, only_b: 1 },
      rate_a: 0.9,
      rate_b: 0.5,
      difference: found.difference,
      by_task_low: found.by_task.interval.low,
      by_task_high: found.by_task.interval.high,
      bootstrap_low: found.by_task.bootstrap.low,
      bootstrap_high: found.by_task.bootstrap.high,
      sign_flip_p: found.by_task.sign_flip.p,
      by_repo_reason: "one cluster",
      ...{ mcnemar_b: 5, mcnemar_c: 1, mcnemar_p: 14 / 64 },
      verdict: found.equivalence.verdict,
      margin: 0.05,
    });
    expect(line?.difference).toBeCloseTo(0.4, 12);
  });

  test("takes the margin that is asked for", async () => {
    const couples = couplesOf(armsOf([...SOLO, ...COOP]));
    const [line] = await comparisonLines(couples, { margin: 0.99 });
    expect(line).toMatchObject({ margin: 0.99, verdict: "equivalent within ±99 points" });
    expect(() => comparisonLines(couples, { margin: 1 })).toThrow(RangeError);
  });

  test("has its p corrected over all lines of the table", async () => {
    const lines = await linesOf(SOLO, COOP, OTHER);
    const p = lines.map(({ sign_flip_p }) => Number(sign_flip_p));
    expect(p).toHaveLength(3);
    expect(lines.map(({ holm_p }) => holm_p)).toEqual(holm(p));
    expect(Number(lines[0]?.holm_p)).toBeGreaterThan(p[0] ?? 1);
  });
});

test("is not begun once it is to stop", () => {
  const reason = new DOMException("interrupted", "AbortError");
  const couples = couplesOf(armsOf([...SOLO, ...COOP]));
  expect(() => comparisonLines(couples, { signal: AbortSignal.abort(reason) })).toThrow(reason);
});
