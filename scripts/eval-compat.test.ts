import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rows } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(120_000);

const DEMO = join(import.meta.dir, "../dataset/demo_task");
const PAIRS = ["1_2", "1_4", "1_5", "2_3"];
const TASK = "spoken_task/task1/features";
const COMPAT = ["--compat", "0.0.14", "--unsafe-local"];

const here = place();
afterAll(() => here[Symbol.dispose]());
const compat = (...args: readonly string[]) => here.call("eval", [...COMPAT, ...args]);
const verdicts = (stdout: string) =>
  Object.fromEntries(
    jsonLines(stdout).map(({ key, ...row }) => [String(key).replace(/^.*features_/, ""), row]),
  );
const scored = () =>
  rows<{ attempt_key: string; scored_at: string }>(
    here.at("ledger.sqlite"),
    "SELECT attempt_key, scored_at FROM scores WHERE policy = '0.0.14' ORDER BY 1",
  );

/** The demo, whose tests also say `4 passed`: the old system cannot read what `bun test` says. */
function writeSpokenTask(): void {
  cpSync(DEMO, here.at("source/spoken_task"), { recursive: true });
  const runner = here.at("source/spoken_task/task1/run_tests.sh");
  const counting =
    '{ print } / pass$/ { p = $1 } / fail$/ { f = $1 } END { print "spoken: " p " passed, " f " failed" }';
  const spoken = readFileSync(runner, "utf8").replace(
    'bun test "$@"',
    () => `bun test "$@" 2>&1 | awk '${counting}'`,
  );
  writeFileSync(runner, spoken);
}

beforeAll(async () => {
  writeSpokenTask();
  const made = [
    await here.call("fetch-dataset", ["--from", here.at("source")]),
    await here.call("run-pair", ["-n", "g", "-a", "gold", ...PAIRS.map((two) => `${TASK}_${two}`)]),
    await here.call("run-pair", ["-n", "s", "-a", "null", "--setting", "solo", `${TASK}_1_2`]),
    await here.call("run-pair", ["-n", "t", "-a", "gold", `${TASK}_1_2_3`, `${TASK}_1_2`]),
  ];
  for (const { code, stderr } of made)
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
});

const row = (outcome: string, path: string) => ({
  ...{ outcome, policy: "0.0.14", path, passed: outcome === "passed", cause: null },
});
const GOLD = {
  "1_2": row("passed", "clean"),
  "1_4": row("failed", "clean"),
  "1_5": row("passed", "union"),
  "2_3": row("failed", "union"),
};

test("gives one line per attempt with the old system's verdict", async () => {
  const { code, stdout, stderr } = await compat("-n", "g");
  expect({ code, verdicts: verdicts(stdout) }).toEqual({ code: 0, verdicts: GOLD });
  expect(stderr).toContain("4 evaluated, 0 evaluated before, 0 faults");
});

test("is resumed: what is known is passed on with the same lines and not judged again", async () => {
  const before = scored();
  const { code, stdout, stderr } = await compat("-n", "g");
  expect({ code, verdicts: verdicts(stdout) }).toEqual({ code: 0, verdicts: GOLD });
  expect(stderr).toContain("0 evaluated, 4 evaluated before, 0 faults");
  expect(scored()).toEqual(before);
});

test("--force judges again, only what is selected", async () => {
  const before = new Map(scored().map(({ attempt_key, scored_at }) => [attempt_key, scored_at]));
  const { code, stdout, stderr } = await compat("-n", "g", "-f", "1,2", "--force");
  expect({ code, verdicts: verdicts(stdout) }).toEqual({
    ...{ code: 0, verdicts: { "1_2": GOLD["1_2"] } },
  });
  expect(stderr).toContain("1 evaluated, 0 evaluated before, 0 faults");
  const anew = scored().filter(
    ({ attempt_key, scored_at }) => before.get(attempt_key) !== scored_at,
  );
  expect(anew.map(({ attempt_key }) => attempt_key)).toEqual([`g/${TASK}_1_2`]);
});

test("one patch for both features is the path solo", async () => {
  const { code, stdout } = await compat("-n", "s");
  expect({ code, verdicts: verdicts(stdout) }).toEqual({
    ...{ code: 0, verdicts: { "1_2": row("failed", "solo") } },
  });
});

describe("a fault in one attempt", () => {
  const message = `t/${TASK}_1_2_3: CooperBench 0.0.14 handles one or two patches, not 3`;

  test("ends with 1 and a line of its own; the others have their verdicts", async () => {
    const { code, stdout, stderr } = await compat("-n", "t");
    expect({ code, verdicts: verdicts(stdout) }).toEqual({
      code: 1,
      verdicts: { "1_2": GOLD["1_2"], "1_2_3": { fault: "patch_missing", message } },
    });
    expect(stderr).toContain("1 evaluated, 0 evaluated before, 1 fault");
    expect(stderr).toContain("→ omit attempts of three agents with -f");
  });

  test("is kept as a fault and no score, and met again by the next call", async () => {
    const path = here.at("ledger.sqlite");
    const faults = "SELECT DISTINCT code, step, message FROM faults WHERE run = 't'";
    expect(rows(path, faults)).toEqual([{ code: "patch_missing", step: "compat", message }]);
    expect(scored().map(({ attempt_key }) => attempt_key)).not.toContain(`t/${TASK}_1_2_3`);
    const again = await compat("-n", "t");
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("0 evaluated, 1 evaluated before, 1 fault");
  });
});

test("stands beside our verdicts and leaves them alone, whichever comes first", async () => {
  const ours = await here.call("eval", ["-n", "g", "-f", "1,2", "--unsafe-local"]);
  expect(verdicts(ours.stdout)["1_2"]).toMatchObject({ policy: "union", passed: true });
  const path = here.at("ledger.sqlite");
  const policies = `SELECT policy FROM scores WHERE attempt_key = 'g/${TASK}_1_2' ORDER BY 1`;
  const known = rows<{ policy: string }>(path, policies).map(({ policy }) => policy);
  expect(known).toEqual(["0.0.14", "agent1", "naive", "union"]);
  const report = await here.call("report", ["-n", "g", "--policy", "0.0.14", "--json"]);
  expect(JSON.parse(report.stdout).runs[0]).toMatchObject({ pairs: 4, passed: 2 });
});

test("suites are kept with their counts and outputs", () => {
  const sql = `SELECT s.feature_id, r.outcome, r.passed, r.failed FROM attempt_suites s JOIN suite_results r
    USING (suite_key) WHERE s.tested = '0.0.14' AND s.attempt_key = 'g/${TASK}_1_2' ORDER BY 1`;
  expect(rows(here.at("ledger.sqlite"), sql)).toEqual([
    { feature_id: 1, outcome: "passed", passed: 4, failed: 0 },
    { feature_id: 2, outcome: "passed", passed: 6, failed: 0 },
  ]);
});

test("the demo itself passes nowhere: the old system does not read what `bun test` says", async () => {
  await here.call("run-pair", ["-n", "d", "-a", "gold", "demo_task/task1/features_1_2"]);
  const { code, stdout } = await compat("-n", "d");
  expect({ code, verdicts: verdicts(stdout) }).toEqual({
    ...{ code: 0, verdicts: { "1_2": row("failed", "clean") } },
  });
});

test("no attempt is no fault; another version is a usage error", async () => {
  const none = await compat("-n", "g", "-f", "4,5");
  expect([none.code, none.stdout]).toEqual([0, ""]);
  expect(none.stderr).toContain("0 evaluated, 0 evaluated before, 0 faults");
  const other = await here.call("eval", ["-n", "g", "--compat", "0.0.15"]);
  expect([other.code, other.stdout]).toEqual([2, ""]);
  expect(other.stderr).toContain('--compat: unknown value "0.0.15": did you mean "0.0.14"?');
});
