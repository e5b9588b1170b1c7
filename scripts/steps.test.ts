import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonLines, place } from "./cli.fixture.ts";

// Real processes, many of them: far more than the usual five seconds.
setDefaultTimeout(180_000);

const here = place();
afterAll(() => here[Symbol.dispose]());

describe("a run of the gold agent on the demo task", () => {
  beforeAll(async () => {
    const run = await here.call("run-pair", ["-n", "gold", "-a", "gold", "-r", "demo_task"]);
    expect(run).toMatchObject({ code: 0 });
    expect(jsonLines(run.stdout)).toHaveLength(10);
  });

  test("leaves whole files under its keys", () => {
    const folder = here.at("logs/gold/demo_task/task1/features_1_2");
    const gold = join(import.meta.dir, "../dataset/demo_task/task1/feature1/feature.patch");
    expect(readFileSync(join(folder, "agent1/patch.diff"))).toEqual(readFileSync(gold));
    for (const file of [
      "agent1/trajectory.json",
      "agent2/patch.diff",
      "result.json",
      "conversation.json",
    ])
      expect(existsSync(join(folder, file))).toBe(true);
    expect(JSON.parse(readFileSync(here.at("logs/gold/run.json"), "utf8"))).toMatchObject({
      run: "gold",
      agent: "gold",
    });
  });

  test("merges to the statuses that the task was made for, and a second call does nothing anew", async () => {
    const first = await here.call("merge", ["-n", "gold"]);
    expect(first.code).toBe(0);
    const statuses = Object.fromEntries(
      jsonLines(first.stdout).map((row) => [String(row.key).slice(-3), row.merge_status]),
    );
    const conflicting = Object.keys(statuses).filter((pair) => statuses[pair] === "conflicts");
    expect(conflicting).toEqual(["1_5", "2_3", "2_4", "2_5", "3_5"]);
    const again = await here.call("merge", ["-n", "gold"]);
    expect(again.stderr).toContain("0 merged, 10 merged before");
    expect(jsonLines(again.stdout)).toHaveLength(10);
  });

  test("evaluates to clean passes, a rescue by union, a broken union and a semantic conflict", async () => {
    const { code, stdout } = await here.call("eval", ["-n", "gold", "--unsafe-local"]);
    expect(code).toBe(0);
    const rows = Object.fromEntries(
      jsonLines(stdout).map((row) => [String(row.key).slice(-3), row]),
    );
    expect(rows["1_2"]).toMatchObject({ outcome: "passed", path: "clean" });
    expect(rows["1_4"]).toMatchObject({ outcome: "failed", path: "clean" });
    expect(rows["1_5"]).toMatchObject({ outcome: "passed", path: "union" });
    expect(rows["2_3"]).toMatchObject({ outcome: "failed", path: "union" });
    const again = await here.call("eval", ["-n", "gold", "--unsafe-local"]);
    expect(again.stderr).toContain("0 evaluated, 10 evaluated before");
    expect(jsonLines(again.stdout)).toHaveLength(10);
  });

  test("reports the same under both policies and in every format", async () => {
    const json = await here.call("report", ["-n", "gold"]);
    expect(JSON.parse(json.stdout).runs[0]).toMatchObject({
      run: "gold",
      pairs: 10,
      passed: 7,
      conflicts: 5,
      pass_rate: 0.7,
    });
    const naive = await here.call("report", ["-n", "gold", "--policy", "naive"]);
    expect(JSON.parse(naive.stdout).runs[0]).toMatchObject({ passed: 4 });
    const markdown = await here.call("report", ["-n", "gold", "--format", "md"]);
    expect(markdown.stdout).toContain("| gold | coop");
    using database = new Database(here.at("ledger.sqlite"), { readonly: true });
    expect(
      database
        .query("SELECT pairs, passed, conflicts, pass_rate FROM scoreboard WHERE run = 'gold'")
        .get(),
    ).toEqual({
      pairs: 10,
      passed: 7,
      conflicts: 5,
      pass_rate: 0.7,
    });
  });
});

test("steps work in a shell pipe, each passing on JSON lines", async () => {
  const sample = await here.call("sample-subset", ["-r", "demo_task", "--size", "4"]);
  const run = await here.call("run-pair", ["-n", "piped", "-a", "gold", "-"], {
    stdin: sample.stdout,
  });
  const merged = await here.call("merge", ["-"], { stdin: run.stdout });
  expect([sample, run, merged].map(({ stdout }) => jsonLines(stdout).length)).toEqual([4, 4, 4]);
  const report = await here.call("report", ["-", "--format", "md"], { stdin: merged.stdout });
  expect(report).toMatchObject({ code: 0 });
  expect(report.stdout).toContain("| piped | coop");
});

test("the runner does what is missing, and says beforehand what that is", async () => {
  const args = ["-n", "piped2", "-a", "gold", "-r", "demo_task", "--unsafe-local"];
  const before = jsonLines((await here.call("pipeline", ["report", ...args, "--dry-run"])).stdout);
  expect(before).toContainEqual({ target: "run", todo: 10, units: 10 });
  expect(before).toContainEqual({ target: "eval", todo: 10, units: 10 });
  expect(existsSync(here.at("logs/piped2"))).toBe(false);
  const done = await here.call("pipeline", ["report", ...args]);
  expect(JSON.parse(done.stdout).runs[0]).toMatchObject({ run: "piped2", pairs: 10, passed: 7 });
  const after = jsonLines((await here.call("pipeline", ["report", ...args, "--dry-run"])).stdout);
  for (const target of ["run", "merge", "eval"])
    expect(after).toContainEqual({ target, todo: 0, units: 10 });
});

test("V23: a call on a part of a run counts its own selection", async () => {
  const run = (...more: string[]) =>
    here.call("run-pair", ["-n", "parted", "-a", "gold", "-r", "demo_task", ...more]);
  expect((await run()).stderr).toContain("parted: 10/10 done");
  const { stderr } = await run("-f", "1,2", "--force");
  expect(stderr).toContain("parted: 1/1 done");
  expect(stderr).not.toMatch(/parted: (10|\d+\/10) /);
  const status = await here.call("status", ["-n", "parted", "--json"]);
  expect(JSON.parse(status.stdout).arms[0]).toMatchObject({ done: 10, total: 10 });
});

describe("mistakes get one line, exit 2, and lose nothing", () => {
  const cases: [script: string, args: string[], says: string][] = [
    ["run-pair", ["--modle", "x"], "unknown flag --modle: did you mean --model?"],
    ["run-pair", ["-n"], "-n needs a value"],
    ["run-pair", ["-a", "golf"], 'unknown agent "golf": did you mean "gold"?'],
    [
      "run-pair",
      ["-a", "gold", "-r", "demo_tusk"],
      'unknown repo "demo_tusk": did you mean "demo_task"?',
    ],
    ["run-pair", ["-a", "gold", "-r", "demo_task", "-t", "999"], 'unknown task "999"'],
    ["run-pair", ["-a", "gold", "-r", "demo_task", "-f", "1,99"], 'unknown feature "99"'],
    ["run-pair", ["-a", "gold", "-r", "demo_task", "-f", "1"], "two features or more"],
    ["run-pair", ["-a", "gold", "-r", "demo_task", "-s", "nosuch"], 'unknown subset "nosuch"'],
    ["run-pair", ["-a", "gold", "-r", "demo_task", "--backend", "dokcer"], "unknown backend"],
    ["run-pair", ["-a", "gold", "-r", "demo_task", "--setting", "cop"], 'did you mean "coop"?'],
    ["run-pair", ["-a", "gold", "-r", "demo_task", "-c", "0"], "-c takes a whole number"],
    ["run-pair", ["-a", "gold", "-n", "a/b", "-r", "demo_task"], 'run name "a/b"'],
    ["run-pair", ["-a", "gold", "-m", "replay/demo", "-r", "demo_task"], "uses no model"],
    ["run-pair", ["-a", "mini", "-r", "demo_task"], "needs a model"],
    [
      "run-pair",
      ["-a", "mini", "-m", "replya/demo", "-r", "demo_task"],
      'did you mean "replay/demo"?',
    ],
    ["run-pair", ["-a", "gold", "demo_task/task1/features_1_9"], "unknown pair"],
    ["run-pair", ["-a", "gold", "nonsense"], '"nonsense" is not a key'],
    [
      "run-pair",
      ["-a", "null", "-n", "gold", "-r", "demo_task"],
      'run "gold" was made with agent "gold"',
    ],
    ["merge", ["-n", "gould"], 'unknown run "gould": did you mean "gold"?'],
    ["merge", ["gold/demo_task/task1/features_1_9"], "no finished attempt"],
    ["eval", ["demo_task/task1/features_1_2"], "put its run's name in front"],
    ["report", ["--format", "xml"], "it takes table, md, json"],
    ["pipeline", ["reprot"], 'unknown target "reprot": did you mean "report"?'],
    ["sample-subset", ["-r", "demo_task", "--size", "11"], "11"],
    ["sample-subset", ["-r", "demo_task", "--stratify", "repo"], "--size"],
    ["fetch-dataset", ["--hub", "nonsense"], "owner/name"],
  ];
  test.each(cases)("%s %p", async (script, args, says) => {
    const { code, stdout, stderr } = await here.call(script, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(says);
  });

  test("a broken line on standard input is named", async () => {
    const { code, stderr } = await here.call("merge", ["-"], {
      stdin: '{"key": "gold/demo_task/task1/features_1_2"}\n{"kee": 1}\n',
    });
    expect(code).toBe(2);
    expect(stderr).toContain("line 2");
  });

  test("without a dataset the way to one is named", async () => {
    using empty = place();
    const { code, stderr } = await empty.call("run-pair", ["-n", "x", "-a", "gold"]);
    expect(code).toBe(2);
    expect(stderr).toContain("fetch-dataset");
  });
});

describe("faults exit 1, keep what is stored, and are retried", () => {
  test("a ledger of a newer version is refused and left as it was", async () => {
    using newer = place();
    await newer.call("run-pair", ["-n", "x", "-a", "null", "-r", "demo_task"]);
    const database = new Database(newer.at("ledger.sqlite"));
    database.run(
      "INSERT INTO migrations (position, hash, applied_at) VALUES (99, 'later', '2030-01-01')",
    );
    database.close();
    const { code, stderr } = await newer.call("report", []);
    expect(code).toBe(1);
    expect(stderr).toContain("newer");
  });

  // Root may write anywhere, so the folder is made unusable by a file that stands in its place.
  test("a logs folder that cannot be made is a fault with a hint", async () => {
    using blocked = place();
    await Bun.write(blocked.at("logs"), "a file, not a folder");
    chmodSync(blocked.at("logs"), 0o444);
    const { code, stderr } = await blocked.call("run-pair", [
      "-n",
      "x",
      "-a",
      "null",
      "-r",
      "demo_task",
    ]);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n").at(-1)).toContain("→");
  });

  test("a recording that is missing is a fault of its unit; the others are done", async () => {
    using partial = place();
    const args = ["-n", "x", "-m", "replay/dmeo", "-r", "demo_task", "-f", "1,2", "--unsafe-local"];
    const { code, stdout, stderr } = await partial.call("run-pair", args);
    expect(code).toBe(1);
    expect(jsonLines(stdout)[0]).toMatchObject({ fault: "recording_missing" });
    expect(stderr).toContain("did you mean replay/demo?");
    const report = await partial.call("report", ["-n", "x"]);
    expect(JSON.parse(report.stdout).runs[0]).toMatchObject({
      pairs: 1,
      faults: 1,
      passed: 0,
      pass_rate: null,
    });
  });
});
