import { describe, expect, test } from "bun:test";
import { sha256 } from "../lib/core/files.ts";
import { type PairFilter, putPatch } from "./dataset.ts";
import type { IndexedTask } from "./indexed.ts";
import { asPatch, HARD_BYTES, indexedTask, memoryLedger } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";

const changes = (ledger: Ledger) => ledger.query("SELECT total_changes() AS n")[0]?.n;
const taskNames = (ledger: Ledger) =>
  ledger.dataset.tasks().map((t) => `${t.repo}/${t.task_id}/${t.task_hash}`);
const keys = (ledger: Ledger, filter: PairFilter = {}) =>
  ledger.dataset.pairs(filter).map((pair) => pair.pair_key);

describe("re-indexing", () => {
  const first = [
    indexedTask("alpha_task", 1),
    indexedTask("alpha_task", 2),
    indexedTask("beta_task", 0),
  ];
  const indexed = () => {
    const ledger = memoryLedger();
    expect(ledger.dataset.index("dataset", "v1", first)).toBe(3);
    return ledger;
  };

  test("unchanged tasks writes nothing", () => {
    using ledger = indexed();
    const before = changes(ledger);
    expect(ledger.dataset.index("dataset", "v1", first)).toBe(0);
    expect(changes(ledger)).toBe(before);
  });

  test("replaces what changed, drops what vanished, keeps the rest", () => {
    using ledger = indexed();
    ledger.dataset.setGold(
      ["alpha_task/task1", "alpha_task/task2"].map((task) => ({
        pair_key: `${task}/features_1_2`,
        naive: "conflicts",
        union: "clean",
      })),
    );
    const changed = indexedTask("alpha_task", 2, { features: [1, 2, 5], task_hash: "new" });
    const added = indexedTask("gamma_task", 7);
    expect(
      ledger.dataset.index("dataset", "v2", [indexedTask("alpha_task", 1), changed, added]),
    ).toBe(2);
    expect(taskNames(ledger)).toEqual([
      "alpha_task/1/hash",
      "alpha_task/2/new",
      "gamma_task/7/hash",
    ]);
    expect(keys(ledger, { task_id: 2 })).toEqual(
      ["1_2", "1_5", "2_5"].map((pair) => `alpha_task/task2/features_${pair}`),
    );
    expect(keys(ledger, { repo: "beta_task" })).toEqual([]);
    expect(ledger.dataset.features("beta_task", 0)).toEqual([]);
    const gold = ledger.dataset.pairs({ features: [1, 2] }).map((pair) => pair.gold_naive);
    expect(gold).toEqual(["conflicts", null, null]);
    expect(ledger.dataset.hash("dataset")).toBe("v2");
  });

  test("one source leaves the other alone", () => {
    using ledger = indexed();
    const demo = indexedTask("demo_task", 1, { source: "demo" });
    ledger.dataset.index("demo", "d1", [demo]);
    ledger.dataset.index("dataset", "v2", []);
    expect(taskNames(ledger)).toEqual(["demo_task/1/hash"]);
    expect([ledger.dataset.hash("demo"), ledger.dataset.hash("dataset")]).toEqual(["d1", "v2"]);
    expect(ledger.dataset.tasks("dataset")).toEqual([]);
  });

  test("an unindexed source has no hash", () => {
    using ledger = memoryLedger();
    expect(ledger.dataset.hash("dataset")).toBeUndefined();
  });
});

describe("reading", () => {
  const filled = () => {
    const ledger = memoryLedger();
    ledger.dataset.index("dataset", "v1", [
      indexedTask("zeta_task", 3),
      backwards(indexedTask("alpha_task", 10, { features: [1, 2, 10] })),
      indexedTask("alpha_task", 9, { features: [1, 2, 3] }),
      indexedTask("alpha_task", 0, { features: [4, 7] }),
    ]);
    ledger.dataset.index("demo", "d1", [indexedTask("demo_task", 1, { source: "demo" })]);
    return ledger;
  };

  test("tasks come in text order of repo and numeric order of task, features ascending", () => {
    using ledger = filled();
    const read = ledger.dataset
      .tasks()
      .map((t) => [t.repo, t.task_id, t.features.map((f) => f.feature_id)]);
    expect(read).toEqual([
      ["alpha_task", 0, [4, 7]],
      ["alpha_task", 9, [1, 2, 3]],
      ["alpha_task", 10, [1, 2, 10]],
      ["demo_task", 1, [1, 2]],
      ["zeta_task", 3, [1, 2]],
    ]);
    expect(ledger.dataset.features("alpha_task", 10).map((f) => f.title)).toEqual([
      "Feature 1",
      "Feature 2",
      "Feature 10",
    ]);
  });

  const cases: [title: string, filter: PairFilter, expected: string[]][] = [
    ["a task of 0 is a filter", { task_id: 0 }, ["alpha_task/task0/features_4_7"]],
    [
      "features are these and no others, in every task",
      { features: [1, 2], source: "dataset" },
      [
        "alpha_task/task9/features_1_2",
        "alpha_task/task10/features_1_2",
        "zeta_task/task3/features_1_2",
      ],
    ],
    ["source", { source: "demo" }, ["demo_task/task1/features_1_2"]],
    [
      "every field narrows",
      { repo: "alpha_task", task_id: 9, features: [2, 3] },
      ["alpha_task/task9/features_2_3"],
    ],
    ["nothing fits", { repo: "alpha_task", task_id: 3 }, []],
    [
      "order is numeric, not textual",
      { repo: "alpha_task", source: "dataset" },
      [
        "alpha_task/task0/features_4_7",
        "alpha_task/task9/features_1_2",
        "alpha_task/task9/features_1_3",
        "alpha_task/task9/features_2_3",
        "alpha_task/task10/features_1_2",
        "alpha_task/task10/features_1_10",
        "alpha_task/task10/features_2_10",
      ],
    ],
  ];
  test.each(cases)("pairs: %s", (_, filter, expected) => {
    using ledger = filled();
    expect(keys(ledger, filter)).toEqual(expected);
  });
});

describe("subsets", () => {
  const stored = (ledger: Ledger) =>
    ledger.query(
      "SELECT position, pair_key FROM subset_pairs WHERE subset = 'lite' ORDER BY position",
    );
  const lite = (file_hash: string) => ({ name: "lite", description: "few", file_hash });

  test("keep the file's order, are left alone while the file is the same, and are replaced with it", () => {
    using ledger = memoryLedger();
    ledger.dataset.putSubset(lite("1"), ["b", "a", "c"]);
    expect(stored(ledger).map((row) => row.pair_key)).toEqual(["b", "a", "c"]);
    const before = changes(ledger);
    ledger.dataset.putSubset(lite("1"), ["other"]);
    expect(changes(ledger)).toBe(before);
    ledger.dataset.putSubset(lite("2"), ["c"]);
    expect(stored(ledger)).toEqual([{ position: 0, pair_key: "c" }]);
  });
});

describe("patches keep their bytes", () => {
  test.each(Object.entries(HARD_BYTES))("%s", (_, bytes) => {
    using ledger = memoryLedger();
    const { hash } = asPatch(bytes);
    putPatch(ledger.tables, hash, bytes);
    putPatch(ledger.tables, hash, bytes);
    const read = ledger.dataset.patchBytes([hash, hash, "unknown"]);
    expect([...read.keys()]).toEqual([hash]);
    expect(sha256(read.get(hash) ?? Buffer.from("absent"))).toBe(hash);
    expect(ledger.query("SELECT size_bytes, length(bytes) AS stored FROM patches")).toEqual([
      { size_bytes: bytes.length, stored: bytes.length },
    ]);
  });

  test("a view of a part of a larger buffer is stored as that part", () => {
    using ledger = memoryLedger();
    const bytes = new Uint8Array(100).fill(7).subarray(10, 13);
    putPatch(ledger.tables, "part", bytes);
    expect(ledger.dataset.patchBytes(["part"]).get("part")).toEqual(Buffer.from([7, 7, 7]));
  });
});

const backwards = (task: IndexedTask): IndexedTask => ({
  ...task,
  features: task.features.toReversed(),
  pairs: task.pairs.toReversed(),
});
