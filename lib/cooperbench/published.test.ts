import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { pairKey } from "../core/keys.ts";
import { describeWith, testData } from "../core/testing.ts";
import { indexDataset } from "../dataset/index.ts";
import { importTable, parsePairSpelling } from "./published.ts";
import { exchangePlace } from "./tree.fixture.ts";

describe("a pair may be spelled", () => {
  test.each([
    "go_chi_task/26/f1_f2",
    "go_chi_task/26/1,2",
    "go_chi_task/task26/features_1_2",
    "go_chi_task/task26/features_2_1",
    "go_chi_task/task26/feature1_feature2",
    "go_chi_task/task26/feature1/feature2",
    "go_chi_task_task26_feature1_feature2",
    "go_chi_task-task26-f1-f2",
    "go_chi_task/26/f1_f2.json",
    " go_chi_task/26/1, 2 ",
  ])("%j", (text) => {
    const pair = parsePairSpelling(text);
    expect(pair && pairKey(pair)).toBe("go_chi_task/task26/features_1_2");
  });

  test.each([
    "go_chi_task",
    "go_chi_task/26",
    "go_chi_task/26/f1",
    "go_chi_task/26/f1_f1",
    "../../26/f1_f2",
    "",
  ])("not %j", (text) => {
    expect(parsePairSpelling(text)).toBeUndefined();
  });
});

const read = (place: ReturnType<typeof exchangePlace>, table: unknown, options = {}) => {
  place.write("tables", { "table.json": { json: table } });
  const file = place.at("tables/table.json");
  return importTable({ ledger: place.ledger, file, source: "paper", setting: "coop", ...options });
};
const stored = (place: ReturnType<typeof exchangePlace>) =>
  place.ledger
    .query(
      "SELECT source, pair_key, model, setting, passed, has_conflict FROM published ORDER BY 2, 3",
    )
    .map((row) => Object.values(row).join(" "));

describe("a table", () => {
  const rows = [
    "paper demo_task/task1/features_1_2 big coop 1 0",
    "paper demo_task/task1/features_1_2 small coop 0 ",
  ];
  const results = { big: { passed: true, hasConflict: false }, small: { passed: false } };
  const entry = { repo: "demo_task", taskId: "task1", features: "feature1_feature2", results };
  test.each([
    ["by task", { "demo_task/1/f1_f2": results }],
    ["by task, without the ending of the repository", { "demo/1/f1_f2": results }],
    ["a list", [entry]],
    ["a list among others", { models: ["big", "small"], stats: {}, tasks: [entry] }],
    ["by features", [{ repo: "demo_task", task_id: 1, f1: "feature1", f2: "feature2", results }]],
    ["tasks by name", { tasks: { demo_task_task1_feature1_feature2: results } }],
  ])("%s", (_shape, table) => {
    using place = exchangePlace();
    const first = read(place, table);
    expect(first).toMatchObject({
      pairs: [{ key: "demo_task/task1/features_1_2", models: 2 }],
      faults: [],
      counts: { fresh: 2, same: 0, changed: 0, gone: 0 },
    });
    expect(stored(place)).toEqual(rows);
    const before = place.ledger.query("SELECT * FROM published");
    expect(read(place, table).counts).toEqual({ fresh: 0, same: 2, changed: 0, gone: 0 });
    expect(place.ledger.query("SELECT * FROM published")).toEqual(before);
  });

  test("that changed replaces its own rows only", () => {
    using place = exchangePlace();
    read(place, { "demo_task/1/f1_f2": results });
    read(place, { "demo_task/1/f1_f2": results }, { setting: "solo" });
    read(place, { "demo_task/1/f1_f2": results }, { source: "other" });
    const { counts } = read(place, {
      "demo_task/1/f1_f2": { big: { passed: false }, new: { passed: true } },
    });
    expect(counts).toEqual({ fresh: 1, same: 0, changed: 1, gone: 1 });
    expect(stored(place)).toHaveLength(6);
  });

  test("with strangers tells them, with the nearest, and takes the others", () => {
    using place = exchangePlace();
    const { pairs, faults } = read(place, {
      "demo_task/1/f1_f2": results,
      "demo_task/1/f1_f9": results,
      "dmo_task/1/f1_f2": results,
      nonsense: results,
      "demo_task/1/f2_f3": { big: { passed: null } },
    });
    expect(pairs).toHaveLength(1);
    expect(faults.map(({ key, fault }) => [key, fault.code, fault.message])).toEqual([
      [
        "demo_task/1/f1_f9",
        "dataset_missing",
        expect.stringContaining('did you mean "demo_task/task1/features_1_'),
      ],
      ["dmo_task/1/f1_f2", "dataset_missing", expect.stringContaining('unknown repo "dmo_task"')],
      ["nonsense", "bad_file", '"nonsense" is not a pair (like go_chi_task/26/f1_f2)'],
      ["demo_task/1/f2_f3", "bad_file", expect.stringContaining('"passed" of big is neither')],
    ]);
  });

  test.each([[[]], [{}], [null], [7], [{ a: 1 }]])("is not %j", (table) => {
    using place = exchangePlace();
    expect(() => read(place, table)).toThrow(UsageError);
  });

  test("of a dataset that the ledger does not have is refused", () => {
    using place = exchangePlace();
    expect(() => read(place, { "go_chi_task/26/f1_f2": results })).toThrow("has no dataset");
  });

  test("is no file that is absent or damaged", () => {
    using place = exchangePlace();
    place.write("tables", { "cut.json": '{"a": {' });
    for (const name of ["absent.json", "cut.json"])
      expect(() => read(place, {}, { file: place.at("tables", name) })).toThrow(UsageError);
  });
});

describeWith("data", "every pair of the real dataset", () => {
  test("is found under every spelling", () => {
    using place = exchangePlace();
    if (testData === undefined) throw new RangeError("the dataset is there: describeWith saw it");
    indexDataset(place.ledger, testData.dataset, "dataset");
    const pairs = place.ledger.dataset.pairs({ source: "dataset" });
    expect(pairs).toHaveLength(652);
    const spellings = pairs.map(({ repo, task_id, features: [first, second] }, index) =>
      index % 2 === 0
        ? `${repo}_task${task_id}_feature${first}_feature${second}`
        : `${repo}/${task_id}/f${first}_f${second}`,
    );
    const table = Object.fromEntries(spellings.map((name) => [name, { m: { passed: true } }]));
    const { faults, counts } = read(place, table);
    expect({ faults, counts }).toMatchObject({ faults: [], counts: { fresh: 652 } });
    const keys = place.ledger.query("SELECT pair_key FROM published").map((row) => row.pair_key);
    expect(new Set(keys)).toEqual(new Set(pairs.map(({ pair_key }) => pair_key)));
  });
});
