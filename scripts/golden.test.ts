import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openLedger } from "../db/ledger.ts";
import { withTodaysNames } from "../lib/report/renamed.ts";
import { jsonLines } from "./cli.fixture.ts";
import { golden, goldenPlace } from "./golden.fixture.ts";

setDefaultTimeout(60_000);

const here = await goldenPlace();
afterAll(() => here[Symbol.dispose]());

/**
 * Whatever was said then is said now; a program may say more. Newer rules of merging and testing make merges and suites stale,
 * so that these go unsaid.
 */
const STALE = ["merge_done", "to_merge", "eval_done", "to_evaluate", "suites", "eval_work_ms"];
type Row = Record<string, unknown>;
const lasting = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !STALE.includes(name)));

/** Who works alone has nobody to conflict with: conflicts and their rate were told as 0, and are unknown. */
const soloUnknown = (row: Row): Row => {
  if (row.setting !== "solo" || !("conflict_rate" in row)) return row;
  return { ...row, conflict_rate: null, ...("conflicts" in row && { conflicts: null }) };
};

/** A row as text, of the columns that it had then: in their order, every digit. */
function asThen(row: Row, then: Row | undefined): string {
  const names = Object.keys(row).filter((name) => then !== undefined && name in then);
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, row[name]])));
}

/** The policies that there were. */
const POLICIES = ["naive", "union", "agent1", "0.0.14"];

test.each(POLICIES)(
  "the report under %s has every number it had, byte for byte but for renamed columns",
  async (policy) => {
    const { policy: _policy, ...said } =
      golden<Record<string, Record<string, Row[]>>>("report")[policy] ?? {};
    const args = ["--json", "--policy", policy, "--parts", Object.keys(said).join(",")];
    const { code, stdout } = await here.call("report", args);
    expect(code).toBe(0);
    const now: Record<string, Row[]> = JSON.parse(stdout);
    expect(Object.keys(said).length).toBeGreaterThan(0);
    for (const [part, rows] of Object.entries(said)) {
      const then = withTodaysNames(part, rows).map(soloUnknown);
      const found = (now[part] ?? []).map((row, at) => asThen(row, then[at]));
      expect({ part, rows: found }).toEqual({ part, rows: then.map((row) => JSON.stringify(row)) });
    }
  },
);

test("the status has the counts, faults and costs it had", async () => {
  const { code, stdout } = await here.call("status", ["--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject(golden("status"));
});

describe("the study's plan", () => {
  test("has the arms, their runs and what is left of running", async () => {
    const args = [...here.study, "--dry-run", "--json"];
    const { code, stdout, stderr } = await here.call("pipeline", args);
    expect(code).toBe(0);
    expect(stderr).toContain("study golden: 4 arms on 3 pairs of 1 repository, 12 attempts");
    expect(stderr).toContain("done: 12 of 12 run, ");
    expect(jsonLines(stdout).map(lasting)).toMatchObject(golden<Row[]>("plan").map(lasting));
  });

  test("finds nothing to run, and does none of it", async () => {
    const [files, journal] = [here.files(), here.rows("SELECT * FROM journal")];
    const { code, stdout, stderr } = await here.call("pipeline", [...here.study, "run"]);
    expect({ code, units: jsonLines(stdout).length }).toEqual({ code: 0, units: 12 });
    expect(stderr).toContain("0 done, 12 done before, 0 faults");
    expect(here.files()).toEqual(files);
    // Newer versions have more columns.
    expect(here.rows("SELECT * FROM journal")).toMatchObject(journal);
  });
});

/** The flags that made a run find it again, whatever is its default today. */
test.each([
  ["golden-three", ["-m", "replay/three"], ["1_2_3", "1_2_4"]],
  ["golden-coop", ["-m", "replay/demo", "--max-steps", "60", "--max-cost", "none"], ["1_4", "3_5"]],
  ["golden-gold", ["-a", "gold"], ["2_4"]],
] as const)("run-pair goes on with %s, which is finished", async (run, flags, features) => {
  const keys = features.map((numbers) => `demo_task/task1/features_${numbers}`);
  const { stderr } = await here.call("run-pair", ["-n", run, ...flags, ...keys]);
  expect(stderr).toContain(`0 run, ${keys.length} run before, 0 faults`);
});

test("a configuration that differs is refused by the first field that does", async () => {
  const flags = ["-m", "replay/three", "--max-steps", "7", "demo_task/task1/features_1_2_3"];
  const { code, stderr } = await here.call("run-pair", ["-n", "golden-three", ...flags]);
  expect(code).toBe(2);
  expect(stderr).toContain('run "golden-three" was made with max_steps 100, not 7');
});

test("the ledger of before there were editions has the one it knew", async () => {
  using ledger = openLedger(here.at("ledger.sqlite"));
  const editions = ledger.editions.all().map(({ hash }) => ledger.editions.tasks(hash));
  expect(editions.flat().length).toBeGreaterThan(0);
  for (const { features } of editions.flat()) expect(features.length).toBeGreaterThan(1);
});

test("the files of its patches are read from them, and the commands from before have their number", async () => {
  using ledger = openLedger(here.at("ledger.sqlite"));
  const [{ patches, empty } = {}] = ledger.query(
    "SELECT count(DISTINCT path) AS patches, sum(path IS NULL) AS empty FROM touched",
  );
  expect([Number(patches) > 5, empty]).toEqual([true, 0]);
  const [counts = {}] = ledger.query(
    "SELECT count(*) AS ran, count(command) AS told, (SELECT sum(commands) FROM steps) AS counted FROM commands",
  );
  expect(counts).toMatchObject({ ran: counts.counted, told: 0 });
  expect(Number(counts.ran)).toBeGreaterThan(0);
});

test("the ledger and the logs are whole", async () => {
  expect(await here.call("check-ledger", ["--json"])).toMatchObject({ code: 0 });
});
