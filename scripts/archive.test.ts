import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { jsonLines, place } from "./cli.fixture.ts";
import { filesOf, runTeams } from "./demo.fixture.ts";

// The real commands of a part of the demo, on machines that may be busy.
setDefaultTimeout(600_000);

const RUNS = ["demo-git", "demo-gold", "demo-solo", "demo-three"];
const SOLO = ["-m", "replay/demo", "--setting", "solo", "--limit", "2", "--unsafe-local"];
const here = place();
const there = place();
afterAll(() => {
  here[Symbol.dispose]();
  there[Symbol.dispose]();
});

const call = (at: typeof here, script: string, ...args: string[]) => at.call(script, args);

const report = async (at: typeof here) =>
  (await at.call("report", ["-r", "demo_task", "--format", "json"])).stdout;

describe("the demo, archived and restored elsewhere,", () => {
  const file = here.at("all.tandem.tar.zst");
  beforeAll(async () => {
    await runTeams(here, ["--unsafe-local"]);
    const others = { "demo-gold": ["-a", "gold"], "demo-solo": SOLO };
    for (const [run, args] of Object.entries(others)) {
      const flags = ["-n", run, "-r", "demo_task", ...args];
      expect(await here.call("run-pair", flags)).toMatchObject({ code: 0 });
    }
    expect(await call(here, "archive", ...RUNS, "-o", file)).toMatchObject({ code: 0 });
    const restored = await call(there, "archive", "--restore", file);
    expect(restored).toMatchObject({ code: 0 });
    expect(jsonLines(restored.stdout).map(({ run, outcome }) => `${run} ${outcome}`)).toEqual(
      RUNS.map((run) => `${run} restored`),
    );
  });

  test("gives the same report, to the byte", async () => {
    const original = await report(here);
    expect(original.length).toBeGreaterThan(1000);
    expect(await report(there)).toBe(original);
  });

  test("passes the same check, with every file looked at", async () => {
    const [original, copy] = await Promise.all([
      call(here, "check-ledger"),
      call(there, "check-ledger"),
    ]);
    expect(copy).toEqual(original);
    expect(copy.stderr).toContain("17 attempts, ");
    expect(copy.stdout).not.toMatch(/missing|changed|damaged|lost|unknown/);
  });

  test("replays from its compressed calls", async () => {
    expect(
      existsSync(there.at("logs/demo-git/demo_task/task1/features_2_4/agent1/calls.jsonl.zst")),
    ).toBe(true);
    const args = [
      "--replay",
      "demo-git",
      "-n",
      "again",
      "--unsafe-local",
      "demo_task/task1/features_2_4",
    ];
    expect(await there.call("run-pair", args)).toMatchObject({ code: 0 });
    const original = filesOf(here, "demo-git");
    const again = Object.entries(filesOf(there, "again"));
    expect(again.length).toBeGreaterThan(4);
    for (const [path, bytes] of again)
      expect({ path, bytes }).toEqual({ path, bytes: original[path] ?? "none" });
  });

  test("says what is inside, and that it is there already", async () => {
    const listed = await call(there, "archive", "--list", file);
    expect(jsonLines(listed.stdout).map(({ run, attempts }) => [run, attempts])).toEqual(
      [3, 10, 2, 2].map((attempts, index) => [RUNS[index], attempts]),
    );
    const again = await call(here, "archive", "--restore", file);
    expect(again.code).toBe(0);
    expect(new Set(jsonLines(again.stdout).map(({ outcome }) => outcome))).toEqual(
      new Set(["already there"]),
    );
  });

  test("is checked: a file that went missing makes exit 1 and one line", async () => {
    rmSync(there.at("logs/demo-solo/demo_task/task1/features_1_2/solo/patch.diff"));
    const { code, stdout } = await call(there, "check-ledger", "-n", "demo-solo", "--quick");
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toEqual([
      {
        key: "demo-solo/demo_task/task1/features_1_2",
        finding: "missing file",
        path: there.at("logs/demo-solo/demo_task/task1/features_1_2/solo/patch.diff"),
        hint: expect.stringContaining("run-pair --force demo-solo/demo_task/task1/features_1_2"),
      },
    ]);
  });
});

test("a restore that is killed again and again goes on cleanly", async () => {
  using elsewhere = place();
  const file = here.at("all.tandem.tar.zst");
  for (const wait_ms of [150, 250, 350, 450, 600]) {
    const places = ["--ledger", elsewhere.at("ledger.sqlite"), "--log-dir", elsewhere.at("logs")];
    const command = ["bun", join(import.meta.dir, "archive.ts"), "--restore", file, ...places];
    const child = Bun.spawn(command, { cwd: elsewhere.path, stdout: "ignore", stderr: "ignore" });
    await Bun.sleep(wait_ms);
    child.kill("SIGKILL");
    await child.exited;
  }
  expect(await call(elsewhere, "archive", "--restore", file)).toMatchObject({ code: 0 });
  expect(readdirSync(elsewhere.at("logs/.tmp"))).toEqual([]);
  const again = elsewhere.at("again.tandem.tar.zst");
  expect(await call(elsewhere, "archive", ...RUNS, "-o", again)).toMatchObject({ code: 0 });
  expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
});

describe("refusals", () => {
  const CASES: [args: string[], code: number, says: string][] = [
    [[], 2, "name the runs to archive"],
    [["demo-god"], 2, 'did you mean "demo-gold"?'],
    [["demo-gold", "demo-solo"], 2, "-o FILE"],
    [["demo-gold", "-o", "taken"], 2, "taken already exists"],
    [["--restore", "nothing"], 2, "there is no file nothing"],
    [["--list", "taken"], 2, "taken is not an archive of Tandem"],
    [["--restore", "taken"], 2, "taken is not an archive of Tandem"],
    [["--restore", "taken", "--list", "taken"], 2, "do not go together"],
    [["--restore", "taken", "demo-gold"], 2, 'omit "demo-gold"'],
    [["--restore", "cut"], 1, "cut is damaged: "],
    [["--stor", "x"], 2, "did you mean --restore?"],
  ];
  beforeAll(async () => {
    writeFileSync(here.at("taken"), "mine");
    expect(await call(here, "archive", "demo-gold", "-o", here.at("cut"))).toMatchObject({
      code: 0,
    });
    truncateSync(here.at("cut"), statSync(here.at("cut")).size - 100);
  });
  test.each(CASES)("%p", async (args, code, says) => {
    const called = await call(here, "archive", ...args);
    expect({ code: called.code, stdout: called.stdout }).toEqual({ code, stdout: "" });
    expect(called.stderr).toContain(says);
    expect(called.stderr.trim().split("\n")).toHaveLength(1);
    expect(readFileSync(here.at("taken"), "utf8")).toBe("mine");
  });

  test("--force replaces the file, and the name by default is the run's", async () => {
    expect(await call(here, "archive", "demo-gold", "-o", here.at("cut"), "--force")).toMatchObject(
      { code: 0 },
    );
    expect(await call(here, "archive", "demo-gold")).toMatchObject({ code: 0 });
    const both = [here.at("cut"), here.at("demo-gold.tandem.tar.zst")].map((path) =>
      readFileSync(path),
    );
    expect(both[0]?.equals(both[1] ?? Buffer.from("none"))).toBe(true);
  });

  test("a check of a run that nobody knows is a usage error", async () => {
    const { code, stderr } = await call(here, "check-ledger", "-n", "demo-god");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('did you mean "demo-gold"?'),
    });
  });
});
