import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addRun, attemptRecord } from "../../db/ledger.fixture.ts";
import { openLedger } from "../../db/ledger.ts";
import { fill } from "../../db/queries/filled.fixture.ts";
import { scoreRow } from "../../db/verdicts.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { byArm } from "./arms.ts";
import { readSite } from "./data.ts";
import { gridPage } from "./grid.ts";
import { gridData } from "./grid-data.ts";
import { type GridAttempt, unpacked } from "./grid-form.ts";
import { fillHostile, HOSTILE } from "./hostile.fixture.ts";
import { pagePath, sidePath } from "./links.ts";
import { percent } from "./numbers.ts";

type Ledger = ReturnType<typeof openLedger>;

async function gridOf(ledger: Ledger) {
  const site = await byArm(await readSite({ ledger, policy: "union" }));
  return { site, grid: unpacked(gridData(ledger, site)) };
}

describe("the data of the grid", () => {
  const ledger = openLedger(":memory:");
  let made: Awaited<ReturnType<typeof gridOf>>;
  beforeAll(async () => {
    fill(ledger);
    addRun(ledger, { run: "three" });
    ledger.attempts.put([attemptRecord("three/alpha_task/task1/features_1_2_3")]);
    ledger.scores.put(
      "three/alpha_task/task1/features_1_2_3",
      [scoreRow("three/alpha_task/task1/features_1_2_3", { path: "union" })],
      [],
    );
    made = await gridOf(ledger);
  });
  afterAll(() => ledger.close());

  /** An attempt in a few words. */
  const inShort = ({ name, passed, found, cause, way, cost, conflict, messages }: GridAttempt) =>
    [name, passed, found, cause || way, cost, conflict, messages].map(String).join("|");

  test("has every attempt once, by pair and arm", () => {
    const cells = made.grid.pairs.map(({ key, attempts }) => [
      key,
      ...attempts.map((attempt) => `${made.grid.arms[attempt.arm]?.name}: ${inShort(attempt)}`),
    ]);
    expect(Object.fromEntries(cells.map(([key, ...own]) => [key, own]))).toEqual({
      "alpha_task/task1/features_1_2": [
        "solo-a: try 1|false|failed||$0.13|null|null",
        "coop-a: try 1|true|passed|union|$0.75|true|0",
        "solo-b: try 1|false|failed||$0.13|null|null",
        "coop-gold: try 1|null|not scored|||null|0",
      ],
      "alpha_task/task1/features_1_2_3": ["three: try 1|true|passed|union|$1.50|null|0"],
      "alpha_task/task1/features_1_3": [
        "solo-a: try 1|true|passed||$0.13|null|null",
        "solo-a: try 2|true|passed||$0.50|null|null",
        "coop-a: try 1|true|passed||≥$0.50|false|0",
        "coop-a: try 2|false|failed||$0.50|null|0",
        "solo-b: try 1|true|passed||$0.13|null|null",
        "coop-gold: try 1|null|not scored|||null|0",
      ],
      "alpha_task/task1/features_2_3": [
        "solo-a: try 1|true|passed||$0.13|null|null",
        "coop-a: try 1|false|conflict||$1.00|true|0",
        "solo-b: try 1|false|failed||$0.13|null|null",
      ],
      "beta_task/task0/features_4_7": ["coop-a: try 1|null|no_image|||null|null"],
    });
  });

  test("has the keys and the pages of attempts and pairs", () => {
    const { site, grid } = made;
    const attempts = grid.pairs.flatMap((pair) => pair.attempts);
    expect(attempts.map(({ key }) => key).sort()).toEqual(
      site.rows.map(({ attempt_key }) => attempt_key).sort(),
    );
    expect(attempts.map(({ path }) => path)).toEqual(attempts.map(({ key }) => pagePath(key)));
    const beside = grid.pairs.map(({ key, path, attempts: own }) => [
      path,
      own.length > 1 ? sidePath(key) : "",
    ]);
    expect(beside.filter(([path, expected]) => path !== expected)).toEqual([]);
    expect(beside.map(([path]) => path === "")).toContain(true);
  });

  test("has the files that patches touch, and difficulty from solo runs of all models", () => {
    const known = made.grid.pairs.map(({ features, files, difficulty }) => [
      features,
      files,
      difficulty,
    ]);
    expect(known).toEqual([
      ["1,2", ["a.py", "both.py"], 1],
      ["1,3", [], 0],
      ["2,3", [], 0.5],
      ["4,7", [], null],
      ["1,2,3", [], null],
    ]);
  });

  test("has the rate of each arm in its head, with what is not counted", () => {
    const page = gridPage(ledger, made.site).text;
    const heads = page
      .split('<th scope="col" data-arm=')
      .slice(1)
      .map((head) => head.split("</th>")[0] ?? "");
    expect(heads).toHaveLength(made.site.runs.length);
    // Reference patches stand at the end.
    expect(heads.at(-1)).toContain("reference patches");
    for (const { name, rate } of made.site.runs) {
      const head = heads.find((text) => text.includes(`>${name}<`)) ?? "";
      expect(head).toContain(`<b>${percent(rate.rate)}</b>`);
      expect(head).toContain(`${rate.passed} of ${rate.attempted} passed`);
      expect(head.includes("not counted: ")).toBe(rate.faults + rate.pending > 0);
    }
    expect(heads[1]).toContain("not counted: 1 fault");
  });

  test("of many runs has arms as columns, whose attempts are named by their runs", async () => {
    using many = openLedger(":memory:");
    for (let run = 1; run <= 20; run++) {
      const setting = run % 2 === 0 ? "solo" : "coop";
      addRun(many, { run: `r${run}`, setting, model: "m" });
      many.attempts.put([
        attemptRecord(`r${run}/alpha_task/task1/features_1_2${run === 1 ? "~2" : ""}`),
      ]);
    }
    const { grid } = await gridOf(many);
    expect(grid.arms.map(({ name }) => name).sort()).toEqual(["coop, mini, m", "solo, mini, m"]);
    expect(grid.pairs).toHaveLength(1);
    const names = grid.pairs[0]?.attempts.map(({ name }) => name) ?? [];
    expect(names).toHaveLength(20);
    expect(names).toContain("r1, try 2");
    expect(names).toContain("r20");
  });
});

test("hostile texts stay texts in the grid's data: shown by their code, while keys are exact", async () => {
  using ledger = openLedger(":memory:");
  using folder = temporaryFolder("tandem-grid");
  const keys = fillHostile(ledger, folder.path);
  const { site, grid } = await gridOf(ledger);
  const odd = grid.pairs.flatMap(({ attempts }) => attempts).find(({ key }) => key === keys.odd);
  expect(odd?.path).toBe(pagePath(keys.odd));
  const page = gridPage(ledger, site).text;
  const data = page.split('id="grid-data">')[1] ?? "";
  expect(data.split("</script>")[1]).toBe("<!--/packed-->");
  expect(data).not.toContain("<script");
  const repo = grid.pairs.find(({ key }) => key.includes(HOSTILE))?.repo ?? "";
  expect(repo).toContain("⟨U+202E⟩");
  expect(repo).not.toContain("\u202e");
});
