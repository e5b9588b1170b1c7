import { afterAll, describe, expect, test } from "bun:test";
import { indexedTask, memoryLedger } from "../../db/ledger.fixture.ts";
import { pairKey } from "../core/keys.ts";
import { groupRows, groupsOf } from "./groups.ts";
import {
  makeSubset,
  parseSubset,
  type Subset,
  statsProblems,
  subsetPairs,
  subsetText,
} from "./subset.ts";

const dataset = [{ repo: "go_chi_task", task_id: 26, feature_ids: [1, 2, 3, 4] }];

describe("groups of three features and more", () => {
  const members = [
    [1, 2, 3],
    [2, 3, 4],
  ];
  const of = (task: object, counts?: object): Subset =>
    parseSubset(
      JSON.stringify({
        ...{ name: "g", description: "" },
        ...(counts === undefined ? {} : { stats: counts }),
        tasks: [{ repo: "go_chi_task", task_id: 26, ...task }],
      }),
      "g.json",
    );
  const forms: [what: string, task: object, counts: object | undefined][] = [
    ["under pairs, counted as triplets", { pairs: members }, { tasks: 1, triplets: 2 }],
    ["under groups", { groups: members }, { tasks: 1, groups: 2, group_size: 3, repos: 1 }],
    ["under groups, with more keys", { groups: members }, { groups: 2, seed: 42, by: { x: 1 } }],
    ["without counts", { groups: members }, undefined],
  ];
  test.each(forms)("%s", (_, task, counts) => {
    const subset = of(task, counts);
    const found = subsetPairs(subset, dataset);
    expect(found.map(pairKey)).toEqual([
      "go_chi_task/task26/features_1_2_3",
      "go_chi_task/task26/features_2_3_4",
    ]);
    expect(statsProblems(subset, found)).toEqual([]);
  });

  test("members of any length from two, in one file", () => {
    const lengths = [
      [1, 2],
      [2, 3, 4],
      [1, 2, 3, 4],
    ];
    const found = subsetPairs(of({ groups: lengths }, { groups: 3 }), dataset);
    expect(found.map(({ features }) => features)).toEqual(lengths);
  });

  test.each([
    ["triplets", { triplets: 3 }, "stats.triplets is 3, but its members give 2"],
    ["group_size", { group_size: 4 }, "stats.group_size is 4, but its members give 3"],
    ["repos", { repos: "all" }, "stats.repos is all, but its members give 1"],
  ])("a count that is wrong is told, and nothing else: %s", (_, counts, said) => {
    const subset = of({ groups: members }, counts);
    expect(statsProblems(subset, subsetPairs(subset, dataset))).toEqual([said]);
  });

  test("are written under groups with their size, and read back the same", () => {
    const found = subsetPairs(of({ groups: members }), dataset);
    const made = makeSubset({ name: "g", description: "two", pairs: found });
    expect(made.stats).toEqual({ tasks: 1, groups: 2, group_size: 3, repos: 1 });
    expect(made.tasks).toEqual([{ repo: "go_chi_task", task_id: 26, groups: members }]);
    expect(parseSubset(subsetText(made), "g.json")).toEqual(made);
  });
});

describe("groups of a task in the ledger", () => {
  const ledger = memoryLedger();
  afterAll(() => ledger.close());
  ledger.dataset.index("dataset", "v1", [indexedTask("a_task", 1, { features: [1, 2, 3, 4] })]);
  const [task] = ledger.dataset.tasks();
  if (task === undefined) throw new Error("no task");
  const keys = (size: number) => groupsOf(task, size).map(pairKey);

  test("are all of one size: C(n, size)", () => {
    expect([2, 3, 4, 5].map((size) => keys(size).length)).toEqual([6, 4, 1, 0]);
    expect(keys(3)[1]).toBe("a_task/task1/features_1_2_4");
  });

  test("keep what merging gold gave, by version of the task, beside pairs that stay pairs", () => {
    const [id] = groupsOf(task, 3);
    if (id === undefined) throw new Error("no group");
    const group = { ...id, features: [...id.features], pair_key: pairKey(id) };
    const row = groupRows(ledger, [group]).get(group.pair_key);
    if (row === undefined) throw new Error("no row");
    expect(row.gold_naive).toBeNull();
    ledger.editions.putGroups([{ ...row, gold_naive: "conflicts", gold_union: "clean" }]);
    expect(groupRows(ledger, [group]).get(group.pair_key)?.gold_naive).toBe("conflicts");
    expect(ledger.dataset.pairs({})).toHaveLength(6);
    const other = indexedTask("a_task", 1, { features: [1, 2, 3, 4], task_hash: "other" });
    ledger.dataset.index("dataset", "v2", [other]);
    expect(groupRows(ledger, [group]).get(group.pair_key)?.gold_naive).toBeNull();
    expect(groupRows(ledger, [group], "v1").get(group.pair_key)?.gold_naive).toBe("conflicts");
    expect(ledger.dataset.pairs({ edition: "v1" })).toHaveLength(6);
  });
});
