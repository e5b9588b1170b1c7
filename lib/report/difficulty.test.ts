import { describe, expect, test } from "bun:test";
import { curveLines, curvesOf, difficultyLines } from "./difficulty.ts";
import { pairOfRow } from "./report.ts";
import { rowsOf } from "./rows.fixture.ts";
import { retentionReport } from "./stats/index.ts";

const arm = (model: string, setting: "solo" | "coop", tasks: string[]) =>
  rowsOf(tasks, { run: `${setting}-${model}`, model, setting });
const TWO = [
  ...arm("m", "solo", ["1110", "1000"]),
  ...arm("m", "coop", ["1010", "1000"]),
  ...arm("n", "solo", ["1100", "1100"]),
  ...arm("n", "coop", ["100x", "0100"]),
];
const PUBLISHED = TWO.filter(({ model, fault }) => model === "m" && fault === null).map((row) => ({
  ...{ source: "their table", pair_key: pairOfRow(row), model: "theirs" },
  ...{ setting: row.setting, passed: row.passed === true },
}));

describe("difficulty", () => {
  test("of two models comes in both versions, each model and all, plain marked as circular", () => {
    const lines = difficultyLines(curvesOf(TWO, []));
    const names = lines.map(({ version, model, circular }) => `${version}: ${model} ${circular}`);
    expect(names).toEqual([
      "plain: mini, m true",
      "plain: mini, n true",
      "plain: all true",
      "leave-one-out: mini, m false",
      "leave-one-out: mini, n false",
      "leave-one-out: all false",
    ]);
    const { plain } = retentionReport(
      TWO.map((row) => ({
        ...{ pair_key: pairOfRow(row), model: row.model ?? "", setting: row.setting },
        ...{ passed: row.passed, fault: row.fault !== null },
      })),
    );
    const { auc_solo, auc_coop, retention, pairs } = plain.pooled;
    expect(retention).toBeGreaterThan(0);
    expect(lines[2]).toMatchObject({ auc_solo, auc_coop, retention, pairs, dropped: 0 });
    expect(pairs).toBe(15);
  });

  test("of one model has no version without it; runs without a model take no part", () => {
    const gold = rowsOf(["1111"], { run: "gold", agent: "gold", model: null, setting: "solo" });
    const lines = difficultyLines(curvesOf([...arm("m", "solo", ["10"]), ...gold], []));
    expect(lines.map(({ version, model }) => [version, model])).toEqual([
      ["plain", "mini, m"],
      ["plain", "all"],
    ]);
    expect(lines[0]).toMatchObject({ pairs: 0, auc_solo: null, retention: null });
  });

  test("of published tables stands beside that of runs, under the table's name", () => {
    const lines = difficultyLines(curvesOf(TWO, PUBLISHED));
    const own = lines.find(({ source, model }) => source === "their table" && model === "theirs");
    expect(lines.filter(({ source }) => source === "runs")).toHaveLength(6);
    expect(own).toMatchObject({ version: "plain", pairs: 8 });
  });

  test("is nothing where nobody worked alone", () => {
    expect(curvesOf(arm("m", "coop", ["10"]), [])).toEqual([]);
  });
});

test("the curves are the points under the areas", () => {
  const curves = curvesOf(TWO, []);
  const own = curveLines(curves).filter(
    ({ version, model, setting }) => version === "plain" && model === "all" && setting === "coop",
  );
  const points = curves[0]?.report.plain.pooled.coop ?? [];
  expect(points.length).toBeGreaterThan(1);
  expect(
    own.map(({ difficulty, rate, passed, tries }) => [difficulty, rate, passed, tries]),
  ).toEqual(points.map(({ midpoint, rate, passed, tries }) => [midpoint, rate, passed, tries]));
});
