import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeShellTask } from "../lib/eval/shell-task.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

const PASSES = "echo '== 1 passed in 0.01s =='";
const FAILS = "{ echo '== 1 failed in 0.01s =='; exit 1; }";
const proven = (feature: number) => `[ -e feature${feature}.txt ] && ${PASSES} || ${FAILS}`;

async function shell(scripts: readonly string[]) {
  const here = place();
  const outside = here.at("outside");
  mkdirSync(outside);
  writeShellTask(here.at("source"), scripts, outside);
  await here.call("fetch-dataset", ["--from", here.at("source")]);
  await here.call("run-pair", ["-n", "gold", "-a", "gold"]);
  const evaluate = async (...more: string[]) => {
    const called = await here.call("eval", ["-n", "gold", "--unsafe-local", ...more]);
    return { ...called, rows: jsonLines(called.stdout) };
  };
  return { ...here, outside, evaluate, [Symbol.dispose]: () => here[Symbol.dispose]() };
}

test("V19: eval judges anew under a longer deadline than the one that ended a suite, and under a shorter one than a pass took", async () => {
  // No suite ends by itself before any of the deadlines, on however quick or busy a machine.
  const slow = `sleep 2; ${PASSES}`;
  using here = await shell([slow, slow]);
  const short = await here.evaluate("--timeout", "1");
  expect(short.rows).toMatchObject([{ outcome: "tests timed out" }]);
  expect((await here.evaluate("--timeout", "0.9")).stderr).toContain(
    "0 evaluated, 1 evaluated before",
  );
  const long = await here.evaluate("--timeout", "600");
  expect(long.rows).toMatchObject([{ outcome: "passed" }]);
  expect(long.stderr).toContain("1 evaluated, 0 evaluated before");
  expect((await here.evaluate("--timeout", "300")).stderr).toContain(
    "0 evaluated, 1 evaluated before",
  );
  expect((await here.evaluate("--timeout", "1")).rows).toMatchObject([
    { outcome: "tests timed out" },
  ]);
});

test("V17, V21: a runner that dies is a fault of the attempt with one line on its task, and is tried again", async () => {
  const script = (feature: number) =>
    `[ -e "$OUTSIDE/online" ] || { echo "ERROR: no network for ${feature}"; exit 1; }; ${PASSES}`;
  using here = await shell([script(1), script(2)]);
  const broken = await here.evaluate();
  expect([broken.code, broken.rows.map(({ fault }) => fault)]).toEqual([1, ["runner_died"]]);
  expect(broken.stderr).toContain("ERROR: no network for");
  expect(broken.stderr).toContain("no suite of shell_task/task1 ran a test");
  writeFileSync(join(here.outside, "online"), "");
  const mended = await here.evaluate();
  expect([mended.code, mended.rows]).toEqual([0, [expect.objectContaining({ outcome: "passed" })]]);
});

describe("after check-dataset", () => {
  test("V16: --gradeable leaves pairs whose features' tests tell them apart", async () => {
    using here = await shell([proven(1), proven(2), PASSES]);
    const pairs = async (...more: string[]) => {
      const { code, stdout, stderr } = await here.call("sample-subset", [
        "--dataset-dir",
        here.at("dataset"),
        ...more,
      ]);
      return {
        code,
        stderr,
        keys: jsonLines(stdout).map(({ key }) => String(key).split("/").at(-1)),
      };
    };
    const early = await pairs("--gradeable");
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining("run check-dataset")]);
    expect((await here.call("check-dataset", ["--unsafe-local"])).code).toBe(1);
    expect((await pairs()).keys).toHaveLength(3);
    expect((await pairs("--gradeable")).keys).toEqual(["features_1_2"]);
    expect((await here.evaluate("--gradeable")).rows).toMatchObject([
      { key: "gold/shell_task/task1/features_1_2", outcome: "passed" },
    ]);
    const run = await here.call("run-pair", ["-n", "two", "-a", "gold", "--gradeable"]);
    expect(jsonLines(run.stdout)).toHaveLength(1);
    const away = await here.call("run-pair", [
      "-n",
      "x",
      "-a",
      "gold",
      "--gradeable",
      "--backend",
      "docker",
    ]);
    expect([away.code, away.stderr]).toEqual([2, expect.stringContaining("checked on docker")]);
    const report = await here.call("report", ["-n", "gold", "--gradeable", "--parts", "runs"]);
    expect(JSON.parse(report.stdout).runs).toMatchObject([{ pairs: 1, gold_ceiling: 1 }]);
  });

  test("V8, V25: verdicts, eval.json and report tell a pass unlike gold, and a flaky feature", async () => {
    const [two, one] = ["echo '== 2 passed in 0.01s =='", "echo '== 1 passed in 0.01s =='"];
    // With both features in place fewer tests pass than with gold alone; feature 2's fail once.
    using here = await shell([
      `[ -e feature1.txt ] || ${FAILS}; [ -e feature2.txt ] && ${one} || ${two}`,
      `[ ! -e feature2.txt ] || [ ! -e "$OUTSIDE/bad" ] || { rm "$OUTSIDE/bad"; ${FAILS}; }; ${proven(2)}`,
    ]);
    writeFileSync(join(here.outside, "bad"), "");
    const checked = await here.call("check-dataset", ["--unsafe-local", "-c", "1"]);
    expect(jsonLines(checked.stdout).filter(({ flaky }) => flaky === true)).toHaveLength(1);
    writeFileSync(join(here.outside, "bad"), "");
    const { rows } = await here.evaluate("--no-premerge");
    const [row] = rows;
    expect(row).toMatchObject({ outcome: "passed" });
    expect(row?.marks).toEqual([
      "feature 1: unlike gold",
      "feature 2: repeated alone",
      "feature 2: flaky feature",
    ]);
    const file = here.at("logs/gold/shell_task/task1/features_1_2/eval.json");
    expect(JSON.parse(readFileSync(file, "utf8")).suites).toMatchObject([
      { feature_id: 1, marks: ["unlike gold"] },
      { feature_id: 2, marks: ["repeated alone", "flaky feature"] },
    ]);
    const told = JSON.parse((await here.call("report", ["-n", "gold"])).stdout).marks;
    expect(told).toContainEqual(
      expect.objectContaining({ feature: 1, mark: "unlike gold", outcome: "passed" }),
    );
  });
});

test("V27: merge says on which base it merged, and that eval merges again", async () => {
  using here = await shell([proven(1), proven(2)]);
  const merged = await here.call("merge", ["-n", "gold", "--backend", "docker"]);
  expect(jsonLines(merged.stdout)).toMatchObject([{ merge_status: "clean", base_kind: "patches" }]);
  expect(merged.stderr).toContain("1 merged on a base made from their patches");
  await here.evaluate();
  const again = await here.call("merge", ["-n", "gold"]);
  expect(jsonLines(again.stdout)).toMatchObject([{ base_kind: "repository" }]);
  expect(again.stderr).not.toContain("base made from their patches");
});
