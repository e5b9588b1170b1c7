import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { jsonLines } from "./cli.fixture.ts";
import {
  doneTwice,
  ended,
  heldModel,
  type StudyPlace,
  studyPlace,
  until,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const TWO = `[pairs]
repo = "demo_task"
limit = 2
[arms.gold]
agent = "gold"
[arms.none]
agent = "null"
[sandbox]
unsafe_local = true
[evaluation]
policies = ["union", "naive"]
[[reports]]
path = "out/report.md"
policy = "naive"
[[reports]]
path = "out/report.json"
`;
const UNITS = ["gold", "none"].flatMap((arm) =>
  ["1_2", "1_3"].map((pair) => `s-${arm}/demo_task/task1/features_${pair}`),
);
const claims = (here: StudyPlace) => here.events("claimed").length;

describe("targets", () => {
  const here = studyPlace(TWO);
  afterAll(async () => await here[Symbol.asyncDispose]());
  beforeAll(async () => {
    const dry = await here.run(["--dry-run"]);
    expect({ code: dry.code, arms: jsonLines(dry.stdout).map(({ arm }) => arm) }).toEqual({
      ...{ code: 0, arms: ["gold", "none"] },
    });
    expect([
      claims(here),
      here.rows("SELECT * FROM runs"),
      existsSync(here.at("logs/s-gold")),
    ]).toEqual([0, [], false]);
  });

  /**
   * In this order: each builds on the one before, and claims only what it adds. Merges on bases that patches made are
   * made again on the real one.
   */
  const CASES: [target: string, keys: readonly string[], claimed: number][] = [
    ["dataset", [], 0],
    ["sample", ["demo_task/task1/features_1_2", "demo_task/task1/features_1_3"], 0],
    ["run", UNITS, 4],
    ["merge", UNITS, 8],
    ["eval", UNITS, 16],
    ["eval", UNITS, 16],
  ];
  test.each(CASES)(
    "%s gives its own rows and does what is missing",
    async (target, keys, claimed) => {
      const { code, stdout } = await here.run([target]);
      const found = jsonLines(stdout).map(({ key }) => String(key));
      expect({ code, keys: found.toSorted() }).toEqual({ code: 0, keys: keys.toSorted() });
      expect(claims(here)).toBe(claimed);
    },
  );

  test("report is the target when none is named: one on standard output, one in each file", async () => {
    const { code, stdout, stderr } = await here.run([]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ policy: "union" });
    expect(
      report.runs.map(({ run, passed }: { run: string; passed: number }) => [run, passed]),
    ).toEqual([
      ["s-gold", 2],
      ["s-none", 0],
    ]);
    expect(readFileSync(here.at("out/report.md"), "utf8")).toContain("s-gold");
    expect(existsSync(here.at("out/report.json"))).toBe(true);
    expect(claims(here)).toBe(16);
  });

  test("U3: what is printed and what is written have the same policy, whichever is listed first", async () => {
    for (const policies of ['["naive", "union"]', '["union", "naive"]']) {
      const { code, stdout } = await here.run(["--set", `evaluation.policies=${policies}`]);
      const written = JSON.parse(readFileSync(here.at("out/report.json"), "utf8"));
      expect([code, JSON.parse(stdout).policy, written.policy]).toEqual([0, "union", "union"]);
      expect(JSON.parse(stdout).runs).toEqual(written.runs);
    }
  });

  test("U6: a report may have all parts, or one by its name", async () => {
    for (const [parts, least] of [
      ['"all"', 20],
      ['"runs"', 1],
    ] as const) {
      const { code } = await here.run([
        "--set",
        `reports=[{path="out/some.json", parts=${parts}}]`,
      ]);
      const written = JSON.parse(readFileSync(here.at("out/some.json"), "utf8"));
      expect([code, Object.keys(written).length > least]).toEqual([0, true]);
    }
  });

  test("arms may be named: the others are not touched", async () => {
    const { code, stdout } = await here.run(["eval", "none"]);
    expect([code, jsonLines(stdout).length]).toEqual([0, 2]);
  });

  test("the old system's verdicts stand beside ours where the study asks for them", async () => {
    const policies = ["--set", 'evaluation.policies=["union", "naive", "0.0.14"]'];
    const { code, stdout } = await here.run(["eval", "gold", ...policies]);
    expect([code, jsonLines(stdout).length]).toEqual([0, 2]);
    const old = "SELECT attempt_key FROM scores WHERE policy = '0.0.14'";
    expect(here.rows(old)).toHaveLength(2);
  });

  test("one changed arm is done anew under a name of its own; changed back, nothing is", async () => {
    const changed = await here.run(["eval", "--set", "arms.none.max_steps=7"]);
    expect(changed.code).toBe(0);
    const keys = jsonLines(changed.stdout).map(({ key }) => String(key).split("/")[0]);
    expect(keys.toSorted()).toEqual(["s-gold", "s-gold", "s-none+2", "s-none+2"]);
    expect(claims(here)).toBe(24);
    expect((await here.run(["eval"])).code).toBe(0);
    expect((await here.run(["eval", "--set", "arms.none.max_steps=7"])).code).toBe(0);
    const judged = doneTwice(here).filter(({ step }) => step !== "merge");
    expect([claims(here), judged]).toEqual([24, []]);
  });

  test("more pairs or tries add to what is there", async () => {
    const more = await here.run([
      "run",
      "gold",
      "--set",
      "pairs.limit=3",
      "--set",
      "arms.gold.tries=2",
    ]);
    expect([more.code, jsonLines(more.stdout).length, claims(here)]).toEqual([0, 6, 28]);
  });
});

test("pairs flow: the first is judged while the agents of the last still work", async () => {
  await using model = heldModel({ holds: ({ features }) => features.join("_") === "1_3" });
  await using here = studyPlace(`[pairs]
repo = "demo_task"
limit = 2
[defaults]
${model.defaults}[arms.solo]
setting = "solo"
[sandbox]
unsafe_local = true
`);
  const child = here.start();
  const end = ended(child);
  await until(() => here.events("done").includes("eval solo 1_2"));
  expect([model.waiting(), here.events("done").includes("run solo 1_3")]).toEqual([
    ["1_3 step 1"],
    false,
  ]);
  model.letGo();
  expect((await end).code).toBe(0);
});

describe("refused with one line and exit 2, before anything is done", () => {
  const CASES: [args: string[], words: string][] = [
    [["evl"], 'unknown target "evl": did you mean "eval"?'],
    [["eval", "golt"], 'unknown arm "golt": did you mean "gold"?'],
    [["eval", "-n", "x"], "-n belongs in the study's file: use --set to override it here"],
    [["eval", "--setting", "solo"], "--setting belongs in the study's file"],
    [["eval", "--set", "arms.gold.agnt=1"], "did you mean"],
    [["eval", "--study", "other.toml"], "one study at a time"],
    [["eval", "-c", "0"], "-c"],
  ];
  test.each(CASES)("%j", async (args, words) => {
    await using here = studyPlace(TWO);
    const { code, stdout, stderr } = await here.run(args);
    expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({
      ...{ code: 2, stdout: "", lines: 1 },
    });
    expect(stderr).toContain(words);
    expect(claims(here)).toBe(0);
  });
});
