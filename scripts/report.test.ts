import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parquetReadObjects } from "hyparquet";
import { openLedger } from "../db/ledger.ts";
import { fill } from "../db/queries/filled.fixture.ts";
import { describeWith, testData } from "../lib/core/testing.ts";
import { DEFAULT_PARTS, PART_NAMES } from "../lib/report/parts/registry.ts";
import { jsonLines, place } from "./cli.fixture.ts";

// Real processes, on machines that may be busy.
setDefaultTimeout(300_000);

const here = place();
{
  using ledger = openLedger(here.at("ledger.sqlite"));
  fill(ledger);
}
afterAll(() => here[Symbol.dispose]());

const report = async (...args: string[]) => await here.call("report", args);
const json = async (...args: string[]) => JSON.parse((await report(...args)).stdout);
const textOf = (...path: string[]) => readFileSync(here.at(...path), "utf8");

describe("in a pipe", () => {
  test("is JSON with the default parts, unrounded", async () => {
    const made = await json("-n", "coop-a,solo-a");
    expect(Object.keys(made)).toEqual(["policy", ...DEFAULT_PARTS]);
    expect(made.runs).toMatchObject([
      {
        run: "coop-a",
        pairs: 5,
        passed: 2,
        pass_rate: 0.5,
        faults: 1,
        by_task_reason: "one cluster",
      },
      { run: "solo-a", passed: 3, pass_rate: 0.75 },
    ]);
    expect(made.runs[0]).toMatchObject({ rate_if_faults_fail: 0.4, rate_if_faults_pass: 0.6 });
    expect(made.repeats).toContainEqual({
      ...{
        run: "solo-a",
        setting: "solo",
        k: 2,
        pairs: 1,
        left_out: 2,
        pass_at_k: 1,
        pass_hat_k: 1,
      },
    });
  });

  test("has the parts that are named, in that order and once", async () => {
    const made = await json("--parts", "difficulty,runs, difficulty", "-n", "solo-a,coop-a");
    expect(Object.keys(made)).toEqual(["policy", "difficulty", "runs"]);
  });

  test("has all parts, the gap between solo and coop among them, and the margin that is asked for", async () => {
    const made = await json("--parts", "all", "--margin", "7.5");
    expect(Object.keys(made).sort()).toEqual(
      [
        "policy",
        ...PART_NAMES.filter((name) => name !== "agreement" && name !== "differences"),
      ].sort(),
    );
    expect(made.comparisons[0]).toMatchObject({
      ...{
        run_a: "solo-a",
        run_b: "coop-a",
        comparison: "coordination gap",
        pairs: 3,
        margin: 0.075,
      },
    });
  });

  test("says in a table what it says on a terminal, without a colour", async () => {
    const { stdout } = await report("--format", "table", "-n", "coop-a,solo-a");
    expect(stdout).toContain("Pass rate by run");
    expect(stdout).toMatch(/^coop-a .* 0\.500 /m);
    expect(stdout).toContain("[0.400, 0.600]");
    expect(stdout).not.toContain("\u001b");
  });

  test("compares imported verdicts with ours", async () => {
    const made = await json("--against", "imported");
    expect(Object.keys(made)).toEqual(["policy", "agreement", "differences"]);
    expect(made.agreement[0]).toEqual({ finding: "imported", attempts: 0 });
  });
});

describe("in a file", () => {
  const files: [file: string, starts: RegExp][] = [
    ["a.md", /^# Tandem report \(policy union\)\n\n## Pass rate by run\n\n\| run/],
    ["a.tex", /^% Tandem report \(policy union\)\n% Needs [\s\S]*\\begin\{longtable\}/],
    ["a.json", /^\{"policy":"union","runs":\[\{"run":/],
    ["deep/a.txt", /^Tandem report \(policy union\)\n\nPass rate by run\nrun/],
  ];
  test.each(files)("%s has the format of its ending", async (file, starts) => {
    const { code, stdout } = await report("-o", here.at(file), "-n", "solo-a,coop-a");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(textOf(file)).toMatch(starts);
    expect(textOf(file)).toEndWith("\n");
  });

  test("CSV and Parquet have one part a file, in a folder or by name", async () => {
    expect(await report("--format", "csv", "-o", `${here.at("csv")}/`)).toMatchObject({ code: 0 });
    expect(readdirSync(here.at("csv"))).toContain("runs.csv");
    expect(textOf("csv", "runs.csv")).toMatch(
      /^run,setting,agent,model,pairs,passed,pass_rate,by_task_low,/,
    );
    const { stdout } = await report("--format", "csv", "--parts", "runs");
    expect(stdout).toBe(textOf("csv", "runs.csv"));
    await report("-o", here.at("runs.parquet"), "--parts", "runs");
    const bytes = readFileSync(here.at("runs.parquet"));
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    expect(rows).toHaveLength(stdout.trimEnd().split("\r\n").length - 1);
    expect(rows.find(({ run }) => run === "solo-a")).toMatchObject({ passed: 3n, pass_rate: 0.75 });
  });

  test("the site is a folder", async () => {
    const { code, stdout } = await report("--html", here.at("site"), "-n", "solo-a,coop-a");
    expect(code).toBe(0);
    expect(jsonLines(stdout)[0]).toMatchObject({ page: here.at("site", "index.html") });
    expect(textOf("site", "index.html")).toContain("solo-a");
    expect(textOf("site", "index.html")).not.toContain("solo-b");
    expect(existsSync(here.at("site", "pairs.html"))).toBe(true);
  });
});

describe("a query", () => {
  test("is answered in JSON lines, or in the format that is named", async () => {
    writeFileSync(
      here.at("mine.sql"),
      "-- Which runs?\nSELECT run, 1 AS n FROM runs ORDER BY run;\n",
    );
    const { stdout } = await report("--query", here.at("mine.sql"));
    expect(jsonLines(stdout)[0]).toEqual({ run: "coop-a", n: 1 });
    const csv = await report("--query", here.at("mine.sql"), "--format", "csv");
    expect(csv.stdout).toStartWith("run,n\r\ncoop-a,1\r\n");
    const array = await report("--query", here.at("mine.sql"), "--format", "json");
    expect(JSON.parse(array.stdout)).toEqual(jsonLines(stdout));
    await report("--query", here.at("mine.sql"), "-o", here.at("mine.md"));
    expect(textOf("mine.md")).toContain("## Which runs?\n\n| run");
    await report("--query", here.at("mine.sql"), "-o", here.at("mine.parquet"));
    const bytes = readFileSync(here.at("mine.parquet"));
    expect(await parquetReadObjects({ file: new Uint8Array(bytes).buffer })).toHaveLength(5);
  });

  test("of ours is known by its name", async () => {
    const { stdout } = await report("--query", "pass-rate-by-run");
    expect(jsonLines(stdout)).toContainEqual(
      expect.objectContaining({ run: "solo-a", pass_percent: 75 }),
    );
  });
});

describe("U11: refused with one line, whoever has the ledger open", () => {
  beforeAll(() => writeFileSync(here.at("write.sql"), "DELETE FROM runs"));
  const cases: [args: string[], says: string][] = [
    [["--parts", "rnus"], 'did you mean "runs"?'],
    [["--parts", ""], "unknown value"],
    [["--format", "xml"], "it takes table, md, json, csv, tex, parquet, html"],
    [["--format", "csv"], "one part per file"],
    [["-o", "x.csv"], "one part per file"],
    [["--format", "parquet"], "-o FILE.parquet"],
    [["-o", "x.foo"], "its ending"],
    [["-o", "report"], "does not show the format"],
    [["-o", "x/", "--format", "md"], "is a folder"],
    [["--format", "html"], "--html DIR"],
    [["--html", "x", "-o", "y"], "omit -o"],
    [["--html", "x", "--format", "md"], "omit --format md"],
    [["--html", "x", "-r", "alpha_task"], "omit --repo"],
    [["--html", "x", "-n", "solo-c"], 'did you mean "solo-a"?'],
    [["--margin", "100"], "points below 100"],
    [["--margin", "-1"], "--margin needs a value"],
    [["--against", "imprted"], 'did you mean "imported"?'],
    [["--against", "imported", "-r", "alpha_task"], "only names of runs narrow it"],
    [["-n", "solo-a,solo-c"], 'did you mean "solo-a"?'],
    [["--query", "pas-rate-by-run"], 'did you mean "pass-rate-by-run"?'],
    [["--query", "nowhere.sql"], "there is no file nowhere.sql"],
    [["--query", "write.sql"], "begins with DELETE"],
    [["--query", "open-faults", "-n", "solo-a"], "takes no --name"],
    [["--query", "open-faults", "--html", "x"], "not a site"],
  ];
  test.each(cases)("%p", async (args, says) => {
    // Those beside the ledger come and go with whoever has it open.
    const files = () => readdirSync(here.path).filter((name) => !/-(wal|shm)$/.test(name));
    const before = files().sort();
    const { code, stdout, stderr } = await report(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(says);
    expect(files().sort()).toEqual(before);
  });

  test("and the ledger is as it was", () => {
    using database = new Database(here.at("ledger.sqlite"), { readonly: true });
    expect(database.query("SELECT count(*) AS n FROM runs").get()).toEqual({ n: 5 });
  });
});

describeWith("data", "the gold run of all pairs", () => {
  const gold = place();
  afterAll(() => gold[Symbol.dispose]());
  let made: Record<string, Record<string, number | string | null>[]>;
  beforeAll(async () => {
    const steps: [script: string, args: string[]][] = [
      ["fetch-dataset", ["--from", testData?.dataset ?? ""]],
      ["run-pair", ["-n", "gold", "-a", "gold"]],
      ["merge", ["-n", "gold"]],
    ];
    for (const [script, args] of steps)
      expect(await gold.call(script, args)).toMatchObject({ code: 0 });
    const { stdout } = await gold.call("report", ["-n", "gold", "--parts", "runs,repos,conflict"]);
    made = JSON.parse(stdout);
  });

  test("conflicts in 505 of 652", () => {
    expect(made.runs).toMatchObject([{ run: "gold", pairs: 652, conflicts: 505, pending: 652 }]);
  });

  test("has three sections in the median conflict", () => {
    expect(made.conflict).toMatchObject([{ run: "gold", conflicts: 505, median_sections: 3 }]);
  });

  const RATES: [repo: string, percent: number][] = [
    ["openai_tiktoken_task", 100],
    ["typst_task", 100],
    ["samuelcolvin_dirty_equals_task", 100],
    ["react_hook_form_task", 100],
    ["go_chi_task", 90.9],
    ["pallets_click_task", 82.6],
    ["pillow_task", 80],
  ];
  test.each(RATES)("%s in %p per cent", (repo, percent) => {
    const found = made.repos?.find((row) => row.repo === repo);
    expect(Math.round(1000 * Number(found?.conflict_rate)) / 10).toBe(percent);
  });
});
