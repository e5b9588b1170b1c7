import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { openLedger } from "../db/ledger.ts";
import { importedDifferences } from "../lib/cooperbench/differences.ts";
import { coopPair, RUN_TREE, soloPair, under, writeTree } from "../lib/cooperbench/tree.fixture.ts";
import { type Called, jsonLines, place } from "./cli.fixture.ts";

// Real processes, many of them: far more than the usual five seconds.
setDefaultTimeout(180_000);

type Place = ReturnType<typeof place>;

function ended(called: Called, code = 0): Record<string, unknown>[] {
  if (called.code === code) return jsonLines(called.stdout);
  throw new Error(`exit status ${called.code}: ${called.stderr}${called.stdout}`);
}

function rows(here: Place, sql: string): unknown[] {
  using database = new Database(here.at("ledger.sqlite"), { readonly: true });
  return database.query(sql).values();
}

describe("other people's runs", () => {
  const here = place();
  afterAll(() => here[Symbol.dispose]());
  const key = (run: string, pair: string) => `${run}/demo_task/task1/features_${pair}`;

  beforeAll(() => {
    const united = coopPair([2, 3]);
    const conflict = { status: "conflicts", strategy: "union", diff: "" };
    writeTree(here.at("theirs/old-run"), {
      ...RUN_TREE,
      ...under("coop/demo_task/1/f1_f2", coopPair([1, 2])),
      ...under("coop/demo_task/1/f2_f3", {
        ...united,
        "eval.json": { json: { ...united["eval.json"].json, merge: conflict } },
      }),
      ...under("solo/demo_task/1/f1_f2", soloPair([1, 2])),
    });
  });

  test("are imported, merged and tested in one pipe", async () => {
    const imported = await here.call("import-logs", [here.at("theirs")]);
    const lines = ended(imported);
    expect(lines.map((line) => [line.key, line.form, line.imported, line.problems])).toEqual([
      [key("old-run", "1_2"), "released", "new", []],
      [key("old-run", "2_3"), "released", "new", []],
      [key("old-run-solo", "1_2"), "released", "new", []],
    ]);
    expect(imported.stderr).toContain("3 imported, 0 imported before, 0 faults");
    const merged = await here.call("merge", ["-"], { stdin: imported.stdout });
    expect(ended(merged).map((line) => line.merge_status)).toEqual(["clean", "conflicts", "clean"]);
    const tested = await here.call("eval", ["-", "--unsafe-local"], { stdin: imported.stdout });
    const verdicts = ended(tested).map((line) => [line.key, line.passed, line.path]);
    expect(verdicts.sort()).toEqual([
      [key("old-run-solo", "1_2"), false, "solo"],
      [key("old-run", "1_2"), true, "clean"],
      [key("old-run", "2_3"), false, "union"],
    ]);
    const again = await here.call("import-logs", [here.at("theirs/old-run")]);
    expect(ended(again).map((line) => line.imported)).toEqual(["same", "same", "same"]);
    expect(again.stderr).toContain("0 imported, 3 imported before, 0 faults");
    expect(rows(here, "SELECT count(*) FROM scores WHERE policy = 'union'")).toEqual([[3]]);
  });

  test("are compared with ours", () => {
    using ledger = openLedger(here.at("ledger.sqlite"));
    const { rows: found, counts } = importedDifferences(ledger);
    expect(found).toMatchObject([
      {
        key: key("old-run", "2_3"),
        differs: "verdict",
        theirs_passed: true,
        ours_passed: false,
        ours_merge: "conflicts",
        outcome: "failed",
      },
    ]);
    expect(counts).toEqual({
      imported: 3,
      judged_by_both: 3,
      verdicts_agree: 2,
      merged_by_both: 2,
      merges_agree: 2,
      without_ours: 0,
      without_theirs: 0,
    });
  });

  test("with strangers among them end in 1, the others are done", async () => {
    writeTree(here.at("more/new-run/coop/demo_task/1"), {
      ...under("f1_f3", coopPair([1, 3])),
      ...under("f1_f9", coopPair([1, 2])),
      "f4_f5/result.json": '{"repo": "demo_task", "task',
    });
    const called = await here.call("import-logs", [here.at("more")]);
    const lines = ended(called, 1);
    expect(lines).toHaveLength(3);
    expect(lines).toContainEqual({
      key: key("new-run", "1_9"),
      fault: "dataset_missing",
      message: expect.stringContaining("did you mean"),
    });
    expect(lines).toContainEqual(
      expect.objectContaining({
        key: key("new-run", "4_5"),
        problems: expect.arrayContaining(["result.json is not complete JSON (27 bytes): ignored"]),
      }),
    );
    expect(called.stderr).toContain("1 attempts have problems");
  });

  test("may be a published table", async () => {
    const results = { big: { passed: true, hasConflict: true }, small: { passed: false } };
    writeTree(here.at("tables"), {
      "table.json": { json: { "demo_task/1/f1_f2": results, "demo_task/1/f1_f8": results } },
    });
    const args = [
      "--table",
      here.at("tables/table.json"),
      "--source",
      "paper",
      "--setting",
      "solo",
    ];
    const called = await here.call("import-logs", args);
    expect(ended(called, 1)).toEqual([
      { key: "demo_task/task1/features_1_2", source: "paper", setting: "solo", models: 2 },
      expect.objectContaining({ key: "demo_task/1/f1_f8", fault: "dataset_missing" }),
    ]);
    expect(called.stderr).toContain("2 outcomes new, 0 changed, 0 as before, 0 gone, 1 faults");
    expect(rows(here, "SELECT model, passed, has_conflict FROM published ORDER BY 1")).toEqual([
      ["big", 1, 1],
      ["small", 0, null],
    ]);
  });

  const wrong: [what: string, script: string, args: string[], said: string][] = [
    ["no folder", "import-logs", [], "give one folder of logs"],
    ["a folder that is not there", "import-logs", ["nowhere"], "nowhere cannot be read (ENOENT)"],
    ["a folder without attempts", "import-logs", ["tables"], "holds no attempt"],
    ["a table without a name", "import-logs", ["--table", "t.json"], "--table needs --source"],
    ["a table and a folder", "import-logs", ["--table", "t.json", "in"], "give only one of them"],
    [
      "a setting that nobody knows",
      "import-logs",
      ["--table", "t.json", "--source", "s", "--setting", "slo"],
      'did you mean "solo"',
    ],
    ["an export of nothing", "export-logs", ["-o", "out"], "name at least one run"],
    ["an export to nowhere", "export-logs", ["old-run"], "name the folder to write to"],
    [
      "an export of an unknown run",
      "export-logs",
      ["oldrun", "-o", "out"],
      'did you mean "old-run"',
    ],
    ["an unknown form", "export-logs", ["old-run", "-o", "out", "--form", "relesed"], '"released"'],
  ];
  test.each(wrong)("%s is a usage error", async (_what, script, args, said) => {
    const called = await here.call(script, args);
    expect({ code: called.code, said: called.stderr }).toEqual({
      code: 2,
      said: expect.stringContaining(said),
    });
    expect(existsSync(here.at("out"))).toBe(false);
  });
});

describe("our own runs", () => {
  const here = place();
  const there = place();
  const pairs = ["1_2", "1_5", "2_3"].map((pair) => `demo_task/task1/features_${pair}`);
  afterAll(() => {
    here[Symbol.dispose]();
    there[Symbol.dispose]();
  });
  beforeAll(async () => {
    for (const setting of ["coop", "solo"]) {
      const flags = ["-n", setting, "-m", "replay/demo", "--setting", setting, "--unsafe-local"];
      const solo = setting === "solo" ? pairs.slice(1) : pairs;
      ended(await here.call("run-pair", [...flags, ...solo]));
      ended(await here.call("eval", ["-n", setting, "--unsafe-local"]));
    }
  });

  test.each(["released", "documented"])("come back equal from the %s form", async (form) => {
    const out = here.at(`out-${form}`);
    const exported = ended(
      await here.call("export-logs", ["coop", "solo", "-o", out, "--form", form]),
    );
    expect(exported.map(({ problems }) => problems)).toEqual([[], [], [], [], []]);
    const names = ["coop", "solo"].map((run) => `${form}-${run}`);
    ended(await there.call("import-logs", [out, "--prefix", `${form}-`]));
    const told = (from: Place, sql: string) =>
      rows(from, sql.replaceAll("%run", from === here ? "run" : `substr(run, ${form.length + 2})`));
    const mine = (from: Place) =>
      from === here ? "" : `WHERE a.run IN (${names.map((name) => `'${name}'`).join()})`;
    const agents = (from: Place) =>
      told(
        from,
        `SELECT %run, pair_key, a.outcome, a.started_at, a.wall_ms, agent_id, g.outcome, patch, steps, messages_sent,
                input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd
         FROM attempts a JOIN agents g USING (attempt_key) ${mine(from)} ORDER BY 1, 2, 6`,
      );
    const messages = (from: Place) =>
      told(
        from,
        `SELECT %run, pair_key, seq, sender, recipient, content, sent_at
         FROM attempts a JOIN messages USING (attempt_key) ${mine(from)} ORDER BY 1, 2, 3`,
      );
    expect(agents(here)).toHaveLength(8);
    expect(agents(there)).toEqual(agents(here));
    expect(messages(here).length).toBeGreaterThan(3);
    expect(messages(there)).toEqual(messages(here));
    const ours = rows(
      here,
      `SELECT run, pair_key, passed, CASE r.setting WHEN 'coop' THEN m.status END
       FROM attempts a JOIN scores s USING (attempt_key) JOIN merges m USING (attempt_key) JOIN runs r USING (run)
       WHERE policy = 'union' AND strategy = 'naive' ORDER BY 1, 2`,
    );
    const theirs = told(
      there,
      `SELECT %run, pair_key, passed, CASE r.setting WHEN 'coop' THEN merge_status END
       FROM attempts a JOIN imported i USING (attempt_key) JOIN runs r USING (run) ${mine(there)} ORDER BY 1, 2`,
    );
    expect(theirs).toEqual(ours);
  });
});
