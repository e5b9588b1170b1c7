import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rows } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

const DEMO = join(import.meta.dir, "../dataset/demo_task/task1");
const TASK = "other_task/task1";
const PAIR = `${TASK}/features_1_3`;
const here = place();
afterAll(() => here[Symbol.dispose]());
const read = <Row>(sql: string) => rows<Row>(here.at("ledger.sqlite"), sql);

/** The demo task under another name: a whole dataset of one task. */
function makeEdition(name: string): string {
  const folder = here.at("sources", name);
  cpSync(DEMO, join(folder, TASK), { recursive: true });
  return folder;
}

/** Feature 2 has another text, and feature 1 a test that its gold patch does not pass. */
function amend(folder: string): void {
  const change = (path: string, from: string | RegExp, to: string) => {
    const file = join(folder, TASK, path);
    const text = readFileSync(file, "utf8");
    if (text.replace(from, to) === text) throw new Error(`${path}: nothing changed`);
    writeFileSync(file, text.replace(from, to));
  };
  change("feature2/feature.md", /$/, "\nThe function is called as the tests call it.\n");
  change("feature1/tests.patch", "\\nServes 8\\n", "\\nServes 9\\n");
}

const run = async (name: string, ...more: string[]) => {
  const made = await here.call("run-pair", ["-n", name, "-a", "gold", PAIR, ...more]);
  if (made.code !== 0) return made;
  return await here.call("eval", ["-n", name, "--unsafe-local", "--no-premerge"]);
};

beforeAll(async () => {
  const march = makeEdition("march");
  const august = makeEdition("august");
  amend(august);
  for (const [name, from] of [
    ["march", march],
    ["august", august],
  ] as const) {
    const fetched = await here.call("fetch-dataset", ["--from", from, "--edition", name]);
    expect({ code: fetched.code, line: jsonLines(fetched.stdout)[0] }).toMatchObject({
      code: 0,
      line: { edition: name, tasks: 1, features: 5, pairs: 10 },
    });
  }
});

test("both editions are kept, features and tests and pairs of each, and the last fetched is the current one", () => {
  const kept = read<{ name: string; features: number; pairs: number }>(`
    SELECT e.name, (SELECT count(*) FROM feature_versions f WHERE f.task_hash = t.task_hash) AS features,
           (SELECT count(*) FROM pair_versions p WHERE p.task_hash = t.task_hash) AS pairs
    FROM editions e JOIN edition_tasks t ON t.edition = e.hash ORDER BY e.name`);
  expect(kept).toEqual([
    { name: "august", features: 5, pairs: 10 },
    { name: "march", features: 5, pairs: 10 },
  ]);
  const [text] = read<{ description: string }>(
    "SELECT description FROM features WHERE feature_id = 2",
  );
  expect(text?.description).toContain("as the tests call it");
});

test("the difference names each feature that changed, and what of it", async () => {
  const { code, stdout, stderr } = await here.call("fetch-dataset", ["--diff", "march", "august"]);
  const same = { change: "changed", gold: false, runner: false, image: false, other: "" };
  expect([code, jsonLines(stdout)]).toEqual([
    0,
    [
      { key: `${TASK}/feature1`, ...same, text: false, tests: true },
      { key: `${TASK}/feature2`, ...same, text: true, tests: false },
    ],
  ]);
  expect(stderr).toContain("2 features differ");
  const wrong = await here.call("fetch-dataset", ["--diff", "march", "agust"]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean "august"')]);
});

describe("work on both", () => {
  test("each edition gives its own verdict on the same pair, and says under which edition", async () => {
    const march = await run("on-march", "--edition", "march");
    expect(jsonLines(march.stdout)[0]).toMatchObject({ outcome: "passed" });
    const august = await run("on-august");
    expect(jsonLines(august.stdout)[0]).toMatchObject({ outcome: "failed" });
    const found = read<{ run: string; edition: string; outcome: string }>(`
      SELECT a.run, e.name AS edition, s.outcome FROM attempts a
      JOIN runs r ON r.run = a.run JOIN editions e ON e.hash = r.edition
      JOIN edition_tasks t ON t.edition = e.hash AND t.task_hash = a.task_hash
      JOIN scores s ON s.attempt_key = a.attempt_key AND s.policy = 'union' ORDER BY 1`);
    expect(found).toEqual([
      { run: "on-august", edition: "august", outcome: "failed" },
      { run: "on-march", edition: "march", outcome: "passed" },
    ]);
    const suites = read<{ edition: string; n: number }>(`
      SELECT e.name AS edition, count(*) AS n FROM suite_results s
      JOIN edition_tasks t ON t.task_hash = s.task_hash JOIN editions e ON e.hash = t.edition GROUP BY 1`);
    expect(suites).toEqual([
      { edition: "august", n: 2 },
      { edition: "march", n: 2 },
    ]);
  });

  test("what is judged stays judged by its own edition, whichever is current", async () => {
    const again = await here.call("eval", ["-n", "on-march", "--unsafe-local", "--no-premerge"]);
    expect(again.stderr).toContain("0 evaluated, 1 evaluated before");
    const ofMarch = await here.call("merge", ["--edition", "march"]);
    expect(jsonLines(ofMarch.stdout).map(({ key }) => key)).toEqual([`on-march/${PAIR}`]);
  });

  test("going on with a run under another edition is refused, and both are named", async () => {
    const { code, stderr } = await run("on-march");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /"on-march" was made on edition march .* not august: .*--edition march/,
      ),
    ]);
    expect((await run("on-march", "--edition", "march")).code).toBe(0);
  });

  test("checks are kept of each edition: --gradeable and the gold ceiling go by the one that is meant", async () => {
    const check = (name: string) =>
      here.call("check-dataset", ["--edition", name, "--unsafe-local", "-r", "other_task"]);
    expect((await check("march")).stderr).toContain("15 as they should be, 0 not");
    const august = await check("august");
    expect([august.code, august.stderr]).toEqual([1, expect.stringContaining("13 as they should")]);
    expect((await check("march")).stderr).toContain("15 checked before");
    const kept = read<{ edition: string; good: number; n: number }>(`
      SELECT e.name AS edition, sum(c.good) AS good, count(*) AS n FROM checks c
      JOIN edition_tasks t ON t.task_hash = c.task_hash JOIN editions e ON e.hash = t.edition GROUP BY 1 ORDER BY 1`);
    expect(kept).toEqual([
      { edition: "august", good: 13, n: 15 },
      { edition: "march", good: 15, n: 15 },
    ]);
    const ceilings = async (...more: string[]) => {
      const { stdout } = await here.call("report", ["--parts", "runs", ...more, "--format", "csv"]);
      const [head = [], ...lines] = stdout.split("\n").map((line) => line.split(","));
      const at = (name: string) => head.indexOf(name);
      return lines
        .filter((line) => line.length > 1)
        .map((line) => [line[at("run")], line[at("gold_ceiling")]]);
    };
    expect(await ceilings("--gradeable")).toEqual([["on-march", "1"]]);
    expect(await ceilings()).toEqual([
      ["on-august", "0"],
      ["on-march", "1"],
    ]);
  });

  test("a report refuses to compare them and says why; told to, it says which pairs", async () => {
    const compare = ["-n", "on-march,on-august", "--parts", "comparisons,provenance"];
    const refused = await here.call("report", compare);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(PAIR)]);
    expect(refused.stderr).toMatch(/edition august.*edition march.*--across-editions/);
    const { code, stdout } = await here.call("report", [
      ...compare,
      ...["--across-editions", "--format", "md"],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Compared across editions: .*\(edition august\).*\(edition march\).*/);
    expect(stdout).toContain(`differ in the task files of ${PAIR}`);
    expect(stdout).toMatch(/dataset edition +\| march \([0-9a-f]{12}, /);
    expect(stdout).toMatch(/dataset edition +\| august \([0-9a-f]{12}, /);
  });

  test("a table of runs says that they rest on several editions", async () => {
    const { stdout } = await here.call("report", ["--format", "md"]);
    expect(stdout).toMatch(/several editions of the dataset \(.*on-march on march/);
    const alone = await here.call("report", ["-n", "on-march", "--format", "md"]);
    expect(alone.stdout).not.toContain("several editions");
  });
});

test("a study says its edition; changed, its arm is a run of its own, and changed back, the first again", async () => {
  const file = here.at("study.toml");
  const study = async (edition: string) => {
    const arms = '[arms.gold]\nagent = "gold"\n';
    const pairs = `[pairs]\nkeys = ["${PAIR}"]\n`;
    writeFileSync(file, `name = "s"\n[dataset]\nedition = "${edition}"\n${pairs}${arms}`);
    const { code, stdout } = await here.call("pipeline", ["-f", file, "run"]);
    return [code, jsonLines(stdout).map(({ key }) => key)];
  };
  expect(await study("march")).toEqual([0, [`s-gold/${PAIR}`]]);
  expect(await study("august")).toEqual([0, [`s-gold+2/${PAIR}`]]);
  expect(await study("march")).toEqual([0, [`s-gold/${PAIR}`]]);
  expect((await study("april"))[0]).toBe(2);
});

test("fetched over in its own folder, an edition's files are gone, and this is said", async () => {
  using other = place();
  const first = makeEdition("first");
  await other.call("fetch-dataset", ["--from", first]);
  await other.call("run-pair", ["-n", "old", "-a", "gold", PAIR]);
  amend(first);
  await other.call("fetch-dataset", ["--from", first]);
  const { code, stderr } = await other.call("eval", ["-n", "old", "--unsafe-local"]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("were replaced by another edition's"),
  ]);
  expect(stderr).toContain("--edition NAME");
});

test("a name that is none is refused, before anything is fetched", async () => {
  for (const name of ["../up", "0123456789ab", ""])
    expect((await here.call("fetch-dataset", ["--edition", name, "--from", "."])).code).toBe(2);
});
