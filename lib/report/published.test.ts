import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { importTable } from "../cooperbench/published.ts";
import { exchangePlace } from "../cooperbench/tree.fixture.ts";
import { readPages } from "../site/pages.ts";
import { openKit } from "../site/plot.ts";
import { reportTables } from "../stages/report.ts";
import { type PublishedOutcome, publishedLines } from "./published.ts";
import { wilson } from "./rate.ts";

/** A ledger with one coop and one solo table of two models, and no attempt. */
function published() {
  const place = exchangePlace();
  const put = (setting: "coop" | "solo", table: object) => {
    const file = place.at(`${setting}.json`);
    writeFileSync(file, JSON.stringify(table));
    importTable({ ledger: place.ledger, file, source: "paper", setting });
  };
  const one = (passed: boolean, hasConflict?: boolean) => ({ passed, hasConflict });
  put("coop", {
    "demo_task/1/f1_f2": { m: one(true, false), n: one(false) },
    "demo_task/1/f1_f3": { m: one(false, true), n: one(false) },
    "demo_task/1/f2_f3": { m: one(false, true) },
  });
  put("solo", { "demo_task/1/f1_f2": { m: one(true, false) } });
  return place;
}

describe("X6: a published table alone", () => {
  test("is reported with rates, intervals and conflict rates, without any attempt", async () => {
    using place = published();
    const tables = await reportTables({ ledger: place.ledger });
    const rows = tables.find(({ name }) => name === "published")?.rows ?? [];
    const [pass, conflict] = [wilson(1, 3), wilson(2, 3)];
    expect(rows).toMatchObject([
      {
        ...{ source: "paper", setting: "coop", model: "m", pairs: 3, passed: 1 },
        ...{ wilson_low: pass.low, wilson_high: pass.high, by_task_reason: "one cluster" },
        ...{ conflicts: 2, merged: 3, conflict_rate: 2 / 3 },
        ...{ conflict_wilson_low: conflict.low, conflict_wilson_high: conflict.high },
      },
      { setting: "coop", model: "n", pairs: 2, passed: 0, pass_rate: 0, conflict_rate: null },
      { setting: "solo", model: "m", pairs: 1, pass_rate: 1, conflicts: null, conflict_rate: null },
    ]);
    expect(tables.filter(({ name, rows: own }) => name !== "published" && own.length > 0)).toEqual(
      [],
    );
  });

  test("is narrowed as runs are, and is of no run", async () => {
    using place = published();
    const pairs = async (select: object) => {
      const [table] = await reportTables(
        { ledger: place.ledger },
        { parts: ["published"], ...select },
      );
      return table?.rows.map((row) => row.pairs);
    };
    expect(await pairs({ repo: "demo_task", features: [1, 3] })).toEqual([1, 1]);
    const nobody = pairs({ repo: "demo_task", features: [1, 4] });
    expect(String(await nobody.catch((error: unknown) => error))).toContain("no attempt to report");
    place.write("in/theirs/coop/demo_task/1/f1_f2", { "agent1.patch": "", "agent2.patch": "" });
    await place.read("in");
    expect(await pairs({ runs: ["theirs"] })).toEqual([]);
    expect(await pairs({})).toEqual([3, 2, 1]);
  });

  test("is on the overview", async () => {
    using place = published();
    const { ledger, log_dir } = place;
    const pages = await readPages({ ledger, log_dir, policy: "union" });
    const page = await pages.overview(await openKit());
    for (const text of ["Outcomes that others published", "paper", "0.667"])
      expect({ text, there: page.includes(text) }).toEqual({ text, there: true });
  });
});

test("tasks are the clusters, those of one number in two repositories apart", async () => {
  const rows = ["a", "b", "c"].flatMap((repo, at): PublishedOutcome[] =>
    [1, 2, 3].map((second) => ({
      ...{ source: "s", setting: "coop", model: "m", passed: second <= at },
      ...{ pair_key: `${repo}_task/task1/features_${second}_9`, has_conflict: second > at },
    })),
  );
  const [line] = await publishedLines(rows);
  expect(line).toMatchObject({ pairs: 9, passed: 3, by_task_reason: null, conflict_rate: 2 / 3 });
  expect(line?.by_task_low).toEqual(line?.by_repo_low as number);
});
