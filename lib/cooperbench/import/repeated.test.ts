import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { filesOf } from "../../core/artefacts.ts";
import { deadOwnerTag } from "../../core/testing.ts";
import { coopPair, exchangePlace, goldPatch, RUN_TREE, under } from "../tree.fixture.ts";
import type { ImportUnit } from "./import.ts";

type Place = ReturnType<typeof exchangePlace>;

const KEY = "theirs/demo_task/task1/features_1_2";
const imports = (units: readonly ImportUnit[]): unknown[] =>
  units.map((unit) => ("imported" in unit ? unit.imported : unit.fault.code));

/** Everything in the tables and files, but when it was imported. */
function state(place: Place) {
  const tables = ["runs", "attempts", "agents", "messages", "patches", "artefacts", "imported"];
  const rows = tables.map((table) => place.ledger.query(`SELECT * FROM ${table} ORDER BY 1, 2`));
  const files = filesOf(place.log_dir).map((path) => {
    const { mtimeMs, ino } = statSync(join(place.log_dir, path));
    return [path, mtimeMs, ino];
  });
  return { rows, files };
}

describe("a second import", () => {
  const tree = {
    ...RUN_TREE,
    ...under("coop/demo_task/1/f1_f2", coopPair([1, 2])),
    ...under("coop/demo_task/1/f2_f3", coopPair([2, 3])),
  };

  test("changes nothing", async () => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in");
    const before = state(place);
    const { units } = await place.read("in");
    expect(imports(units)).toEqual(["same", "same"]);
    expect(state(place)).toEqual(before);
  });

  test("replaces what changed, with all that rested on it, and keeps the old aside", async () => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in");
    writeFileSync(join(place.log_dir, KEY, "eval.json"), "{}");
    writeFileSync(place.at("in/theirs/coop/demo_task/1/f1_f2/agent1.patch"), "other\n\n");
    const { units } = await place.read("in");
    expect(imports(units)).toEqual(["same", "changed"]);
    expect(readFileSync(join(place.log_dir, KEY, "agent1/patch.diff"), "utf8")).toBe("other\n\n");
    expect(existsSync(join(place.log_dir, KEY, "eval.json"))).toBe(false);
    const [old] = place.ledger.superseded.all();
    expect(old).toMatchObject({ attempt_key: KEY, reason: "imported again" });
    expect(readFileSync(join(place.log_dir, old?.folder ?? "", "agent1/patch.diff"))).toEqual(
      goldPatch(1),
    );
  });

  test("with force, or after a new summary of the run, keeps the run's beginning", async () => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in");
    const { created_at = "" } = place.ledger.runs.find("theirs") ?? {};
    place.write("in/theirs", { "summary.json": { json: { completed: 652 } } });
    const { units } = await place.read("in", { force: true });
    expect(imports(units)).toEqual(["changed", "changed"]);
    expect(place.ledger.runs.find("theirs")).toMatchObject({
      created_at,
      config: { imported: { files: { "summary.json": { completed: 652 } } } },
    });
    const file: unknown = JSON.parse(readFileSync(join(place.log_dir, "theirs/run.json"), "utf8"));
    expect(file).toEqual(place.ledger.runs.find("theirs"));
  });

  test.each([
    ["before any row", "DELETE FROM attempts", "new"],
    ["between attempts and their marks", "DELETE FROM imported", "new"],
  ])("after a kill %s completes the first", async (_when, loss, imported) => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in");
    const keys = place.ledger.attempts.keys({});
    place.ledger.query(loss);
    mkdirSync(join(place.log_dir, `.tmp/${deadOwnerTag()}-0-import/fresh`), { recursive: true });
    rmSync(join(place.log_dir, KEY), { recursive: true });
    const { units } = await place.read("in");
    expect(units).toMatchObject([{ imported }, { imported }]);
    expect(place.ledger.attempts.keys({})).toEqual(keys);
    expect(place.ledger.imported.known("theirs").size).toBe(2);
    expect(readdirSync(join(place.log_dir, ".tmp"))).toEqual([]);
    expect((await place.read("in")).units).toMatchObject([
      { imported: "same" },
      { imported: "same" },
    ]);
  });

  test("stops between attempts when it is told to, and goes on later", async () => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    const stop = new AbortController();
    const first = await place.read("in", { signal: stop.signal, on_start: () => stop.abort() });
    expect(first.units).toEqual([]);
    expect((await place.read("in")).units).toHaveLength(2);
  });

  test("of a dry run finds what the first would, and leaves nothing", async () => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    const { units } = await place.read("in", { dry_run: true });
    expect(units).toMatchObject([{ imported: "new" }, { imported: "new" }]);
    expect([place.ledger.runs.all(), existsSync(place.log_dir)]).toEqual([[], false]);
  });
});

describe("X4: what was known is not replaced by what was not looked at:", () => {
  const tree = {
    ...RUN_TREE,
    ...under("coop/demo_task/1/f1_f2", coopPair([1, 2])),
    ...under("coop/demo_task/1/f2_f3", coopPair([2, 3])),
  };
  const files = ({ ledger }: Place) => ledger.runs.find("theirs")?.config.imported;
  const cases: [what: string, dir: string][] = [
    ["one pair", "in/theirs/coop/demo_task/1/f1_f2"],
    ["one task", "in/theirs/coop/demo_task/1"],
    ["one repository", "in/theirs/coop/demo_task"],
    ["one setting", "in/theirs/coop"],
  ];
  test.each(cases)("the run's own files, when %s is imported again", async (_, dir) => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in");
    const before = files(place);
    expect(before).toMatchObject({ files: { "config.json": {}, "summary.json": {} } });
    place.write("in/theirs/coop/demo_task/1/f1_f2", { "agent1.patch": "other\n" });
    const { units } = await place.read(dir);
    expect(imports(units)).toContain("changed");
    expect(files(place)).toEqual(before);
    expect(place.ledger.runs.find("theirs")).toMatchObject({
      ...{ agent: "mini_swe_agent", model: "gemini/flash" },
      created_at: "2026-01-31T11:59:59.000Z",
    });
    const run: unknown = JSON.parse(readFileSync(join(place.log_dir, "theirs/run.json"), "utf8"));
    expect(run).toMatchObject({ config: { imported: before as object } });
  });

  test("a file of the run that is damaged now", async () => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in");
    const before = files(place);
    place.write("in/theirs", { "summary.json": '{"completed": ' });
    const { warnings } = await place.read("in");
    expect(warnings).toEqual([expect.stringMatching(/summary.json is not complete JSON/)]);
    expect(files(place)).toEqual(before);
  });

  test("the agent and model of a run, by a pair that names none", async () => {
    using place = exchangePlace();
    const { "result.json": _result, ...silent } = coopPair([1, 2]);
    place.write("in/theirs/coop/demo_task/1", {
      ...under("f1_f2", silent),
      ...under("f2_f3", coopPair([2, 3])),
    });
    await place.read("in");
    await place.read("in/theirs/coop/demo_task/1/f1_f2");
    expect(place.ledger.runs.find("theirs")).toMatchObject({
      ...{ agent: "mini_swe_agent", model: "gemini/flash" },
    });
  });

  test("but what the run's files say anew counts", async () => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in/theirs/coop/demo_task/1/f1_f2");
    expect(files(place)).toMatchObject({ files: {} });
    await place.read("in");
    expect(files(place)).toMatchObject({ files: { "summary.json": { completed: 1 } } });
    place.write("in/theirs", { "summary.json": { json: { completed: 2 } } });
    await place.read("in");
    expect(files(place)).toMatchObject({ files: { "summary.json": { completed: 2 } } });
  });
});
