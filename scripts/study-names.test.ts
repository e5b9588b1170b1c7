import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../db/ledger.ts";
import { commandBehind } from "../lib/cli/doors.ts";
import { COMMANDS } from "../lib/cli/groups.ts";
import { listedRuns, runsNamed } from "../lib/select/named-runs.ts";
import { jsonLines } from "./cli.fixture.ts";
import { studyPlace } from "./faults.fixture.ts";
import { goldenPlace } from "./golden.fixture.ts";

setDefaultTimeout(120_000);

const STUDY = `[pairs]
repo = "demo_task"
limit = 2
[arms.gold]
agent = "gold"
[arms.none]
agent = "null"
[sandbox]
unsafe_local = true
`;
const here = studyPlace(STUDY);
afterAll(async () => await here[Symbol.asyncDispose]());

const OURS = ["s-gold", "s-none"];
const runsOf = (stdout: string) =>
  [...new Set(jsonLines(stdout).map(({ key }) => String(key).split("/")[0]))].toSorted();

beforeAll(async () => {
  const extra = ["-n", "s-extra", "-a", "null", "demo_task/task1/features_1_2"];
  expect((await here.run(["merge"])).code).toBe(0);
  expect((await here.call("run-pair", extra)).code).toBe(0);
});

describe("U2: -n with a study's name", () => {
  test("status has its runs", async () => {
    const { code, stdout } = await here.call("status", ["-n", "s", "--json"]);
    expect(code).toBe(0);
    expect(
      JSON.parse(stdout)
        .arms.map(({ run }: { run: string }) => run)
        .toSorted(),
    ).toEqual(OURS);
  });

  test("status --watch follows them until Ctrl-C", async () => {
    const args = ["-n", "s", "--watch", "--json", "--interval", "0.1"];
    const script = join(import.meta.dir, "status.ts");
    const child = Bun.spawn(["bun", script, ...args, "--ledger", here.at("ledger.sqlite")], {
      stdout: "pipe",
      stderr: "ignore",
    });
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    const first = new TextDecoder().decode(value).split("\n")[0] ?? "";
    expect(JSON.parse(first).arms).toHaveLength(2);
  });

  test.each([
    ["merge", ["-n", "s"]],
    ["eval", ["-n", "s", "--unsafe-local"]],
    ["retry", ["-n", "s", "--outcome", "passed,failed,empty patch", "--dry-run"]],
  ] as const)("%s works on them, and on nothing else", async (script, args) => {
    const { code, stdout, stderr } = await here.call(script, args);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(runsOf(stdout)).toEqual(OURS);
  });

  test.each([
    ["s", OURS],
    ["s,s-extra", ["s-extra", ...OURS]],
    ["s-gold,s", OURS],
    ["s-gold", ["s-gold"]],
  ])("report -n %s", async (name, runs) => {
    const { code, stdout } = await here.call("report", ["-n", name, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).runs.map(({ run }: { run: string }) => run)).toEqual(runs);
  });

  test("a site, an export and an archive are of them", async () => {
    const site = await here.call("report", ["-n", "s", "--html", here.at("site")]);
    const logs = await here.call("export-logs", ["s", "-o", here.at("exported")]);
    const kept = await here.call("archive", ["s", "-o", here.at("s.tandem.tar.zst")]);
    expect([site.code, logs.code, kept.code]).toEqual([0, 0, 0]);
    expect(readdirSync(here.at("exported")).toSorted()).toEqual(OURS);
    expect(existsSync(here.at("site/index.html"))).toBe(true);
    expect(kept.stdout).not.toContain("s-extra");
    expect((await here.call("check-ledger", ["-n", "s"])).code).toBe(0);
  });

  test("view shows their pages", async () => {
    const places = ["--ledger", here.at("ledger.sqlite"), "--log-dir", here.at("logs")];
    const script = join(import.meta.dir, "view.ts");
    const child = Bun.spawn(["bun", script, "-n", "s", "--json", ...places], {
      stdout: "pipe",
      stderr: "ignore",
    });
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    const { url } = JSON.parse(new TextDecoder().decode(value));
    const page = await (await fetch(url)).text();
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    for (const run of OURS) expect(page).toContain(run);
    expect(page).not.toContain("s-extra");
  });

  test("judge plans questions about them", async () => {
    const args = ["-n", "s", "-m", "anthropic/claude-sonnet-4-5", "--dry-run"];
    const { code, stderr } = await here.call("judge", args);
    expect([code, stderr]).toEqual([0, expect.stringContaining("4 attempts without messages")]);
  });

  /** Every command whose words or `-n` name what is in the ledger; `run-pair`, `pipeline` and `import-logs` name what they make. */
  const READS_NAMES: Readonly<Record<string, string[]>> = {
    ...Object.fromEntries(
      [
        "annotate",
        "check-ledger",
        "eval",
        "judge",
        "merge",
        "report",
        "retry",
        "status",
        "view",
      ].map((name) => [name, ["-n", "s-golt"]]),
    ),
    archive: ["s-golt"],
    "export-logs": ["s-golt", "-o", "out"],
  };

  test.each(Object.entries(READS_NAMES))(
    "%s refuses a name of neither a run nor a study, with the nearest",
    async (script, args) => {
      const more = script === "judge" ? ["-m", "anthropic/claude-sonnet-4-5"] : [];
      const { code, stderr } = await here.call(script, [...args, ...more]);
      expect({ script, code }).toEqual({ script, code: 2 });
      expect(stderr).toContain('unknown run "s-golt": did you mean "s-gold"?');
    },
  );

  test("no command that takes a name is missing here", async () => {
    const named = await Promise.all(
      COMMANDS.map(async (name) => ("name" in (await commandBehind(name)).args ? [name] : [])),
    );
    const known = [...Object.keys(READS_NAMES), "run-pair", "pipeline", "import-logs", "worker"];
    expect(named.flat().filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe("in the ledger", () => {
  const open = () => openLedger(":memory:");
  const named = (study: string, runs: readonly string[], name: string) => {
    using ledger = open();
    ledger.runs.setStudy(study, runs);
    return runsNamed(ledger, name);
  };

  test("a study that has no run yet is known all the same", () => {
    expect(named("first", ["first-coop"], "first")).toEqual([]);
    expect(() => named("first", ["first-coop"], "frist")).toThrow('did you mean "first"?');
  });

  test("a list names each run once", async () => {
    using old = await goldenPlace();
    using ledger = openLedger(old.at("ledger.sqlite"));
    expect(listedRuns(ledger, undefined)).toBeUndefined();
    expect(listedRuns(ledger, "golden-coop, golden-coop")).toEqual(["golden-coop"]);
  });

  test("of an early one a study's runs are those that begin with its name, until it is run again", async () => {
    using old = await goldenPlace();
    using ledger = openLedger(old.at("ledger.sqlite"));
    const four = ["golden-coop", "golden-git", "golden-gold", "golden-solo"];
    expect(runsNamed(ledger, "golden").toSorted()).toEqual([...four, "golden-three"]);
    ledger.runs.setStudy("golden", four);
    expect(runsNamed(ledger, "golden").toSorted()).toEqual(four);
    expect(() => runsNamed(ledger, "gold")).toThrow(/unknown run "gold": did you mean "golden/);
  });
});
