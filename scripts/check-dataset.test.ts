import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeShellTask } from "../lib/eval/shell-task.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);
const DEMO = join(import.meta.dir, "../dataset/demo_task/task1");

describe("check-dataset", () => {
  test("finds the demo task as it should be, twice the same, and tests nothing twice", async () => {
    using here = place();
    const first = await here.call("check-dataset", [
      "-r",
      "demo_task",
      "--repeat",
      "2",
      "--unsafe-local",
    ]);
    expect(first.code).toBe(0);
    const rows = jsonLines(first.stdout);
    expect(rows).toHaveLength(15);
    expect(rows.filter(({ good, flaky }) => good === true && flaky === false)).toHaveLength(15);
    const again = await here.call("check-dataset", ["-r", "demo_task", "--unsafe-local"]);
    expect(jsonLines(again.stdout)).toHaveLength(15);
    const report = await here.call("run-pair", [
      "-n",
      "gold",
      "-a",
      "gold",
      "-r",
      "demo_task",
      "-f",
      "1,2",
    ]);
    expect(report.code).toBe(0);
    const shown = await here.call("report", ["-n", "gold"]);
    expect(JSON.parse(shown.stdout).checks).toContainEqual(
      expect.objectContaining({ check: "gold", features: 5, as_it_should: 5 }),
    );
  });

  test("exits 1 and names a feature whose gold patch does not pass, and one whose tests need no feature", async () => {
    using here = place();
    const task = here.at("source/copy_task/task1");
    cpSync(DEMO, task, { recursive: true });
    for (const feature of [3, 4, 5]) rmSync(join(task, `feature${feature}`), { recursive: true });
    // Feature 1 gets a gold patch that does something else; feature 2's tests ask for nothing new.
    writeFileSync(
      join(task, "feature1/feature.patch"),
      readFileSync(join(DEMO, "feature5/feature.patch")),
    );
    writeFileSync(join(task, "feature2/tests.patch"), EASY_TESTS);
    await here.call("fetch-dataset", ["--from", here.at("source")]);
    const { code, stdout } = await here.call("check-dataset", [
      "-r",
      "copy_task",
      "--unsafe-local",
    ]);
    expect(code).toBe(1);
    const bad = jsonLines(stdout).filter(({ good }) => good === false);
    expect(bad.map(({ key, kind }) => `${key} ${kind}`).sort()).toEqual([
      "copy_task/task1/feature1 gold",
      "copy_task/task1/feature2 tests alone",
    ]);
  });
});

describe("check-dataset names what is wrong", () => {
  const passes = "echo '== 1 passed in 0.01s =='";
  const fails = "{ echo 'FAILED t.py::test_mine - x'; echo '== 1 failed in 0.01s =='; exit 1; }";
  const check = async (scripts: readonly string[], prepare?: (outside: string) => void) => {
    using here = place();
    const outside = here.at("outside");
    mkdirSync(outside);
    prepare?.(outside);
    writeShellTask(here.at("source"), scripts, outside);
    await here.call("fetch-dataset", ["--from", here.at("source")]);
    const called = await here.call("check-dataset", ["--unsafe-local"]);
    const found = jsonLines(called.stdout).map(({ key, kind, ...rest }) => ({
      ...rest,
      name: `${String(key).split("/").at(-1)} ${kind}`,
    }));
    const of = (name: string) => found.find((one) => one.name === name);
    return { ...called, of };
  };

  test("V16, V18, V14: causes, and what is unknown", async () => {
    const { code, of, stderr } = await check([
      `[ -e feature1.txt ] && ${passes} || ${fails}`,
      passes,
      "echo '== no tests ran in 0.01s =='",
      `[ -e feature4.txt ] && ${passes} || exit 124`,
      "echo '== 1 failed, 3 passed in 0.01s =='",
    ]);
    expect(code).toBe(1);
    expect(of("feature1 gold")).toMatchObject({ good: true, unknown: false, cause: null });
    expect(of("feature1 tests alone")).toMatchObject({ good: true, outcomes: ["failed"] });
    expect(of("feature2 tests alone")).toMatchObject({
      good: false,
      cause: "tests do not discriminate",
      outcomes: ["passed", "passed", "passed", "passed"],
    });
    expect(of("feature3 gold")).toMatchObject({
      good: false,
      cause: "the runner runs none of the feature's tests",
    });
    expect(of("feature4 tests alone")).toMatchObject({ good: false, unknown: true, cause: null });
    expect(of("feature5 gold")).toMatchObject({ good: true, marks: ["contradicts its summary"] });
    expect(stderr).toContain("exit 0 although the summary reports failures: ");
  });

  test("V25, V26: what fails once and passes three times alone is flaky, and counted once", async () => {
    const { code, of, stderr } = await check(
      [
        `[ -e feature1.txt ] || ${fails}; if [ -e "$OUTSIDE/bad" ]; then rm "$OUTSIDE/bad"; ${fails}; fi; ${passes}`,
      ],
      (outside) => writeFileSync(join(outside, "bad"), ""),
    );
    expect(code).toBe(1);
    expect(of("feature1 gold")).toMatchObject({
      flaky: true,
      cause: null,
      outcomes: ["failed", "passed", "passed", "passed"],
    });
    expect(stderr).toContain("1 as they should be, 0 not, 1 flaky");
  });

  test("V17, V21: a runner that is not there is a fault of every check, and one line says so", async () => {
    const { code, stdout, stderr } = await check(["jest --ci", "echo no network; exit 1"]);
    expect(code).toBe(1);
    expect(jsonLines(stdout).map(({ fault }) => fault)).toEqual(Array(4).fill("runner_died"));
    expect(stderr).toContain("no suite of shell_task/task1 ran a test");
    expect(stderr).toContain("0 as they should be, 0 not, 0 flaky");
  });
});

const EASY_TESTS = `diff --git a/tests/easy.test.ts b/tests/easy.test.ts
new file mode 100644
--- /dev/null
+++ b/tests/easy.test.ts
@@ -0,0 +1,3 @@
+import { expect, test } from "bun:test";
+
+test("one", () => expect(1).toBe(1));
`;

describe("doctor", () => {
  test("has a line a part, never a key's value, and exit 0 where local sandboxes work", async () => {
    using here = place();
    const { code, stdout, stderr } = await here.call("doctor", [], {
      env: { OPENAI_API_KEY: "canary-1234" },
    });
    expect(code).toBe(0);
    const parts = jsonLines(stdout).map(({ part }) => part);
    for (const part of [
      "bun",
      "git",
      "bash",
      "disk",
      "memory",
      "redis",
      "keys",
      "dataset",
      "ledger",
    ])
      expect(parts).toContain(part);
    expect(stdout).toContain("OPENAI_API_KEY set");
    expect(stdout + stderr).not.toContain("canary-1234");
  });

  test("exits 1 when the ledger cannot be used", async () => {
    using here = place();
    writeFileSync(
      here.at("ledger.sqlite"),
      "this is no database, and long enough to be looked at as one ".repeat(20),
    );
    const { code, stdout } = await here.call("doctor", []);
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toContainEqual(
      expect.objectContaining({ part: "ledger", state: "missing" }),
    );
  });
});
