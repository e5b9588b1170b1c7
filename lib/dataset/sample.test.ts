import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { type PairId, pairKey } from "../core/keys.ts";
import { describeWith, testData } from "../core/testing.ts";
import { CPythonRandom } from "./random.ts";
import { allocate, pairsOfTask, recipeOrder, samplePairs } from "./sample.ts";

const numbers = (length: number) => Array.from({ length }, (_, i) => i + 1);
const jinja = pairsOfTask({ repo: "pallets_jinja_task", task_id: 1465, feature_ids: numbers(10) });
const click = pairsOfTask({ repo: "pallets_click_task", task_id: 2068, feature_ids: numbers(5) });
const chi = pairsOfTask({ repo: "go_chi_task", task_id: 26, feature_ids: [2, 1] });
const mixed = [...jinja, ...click, ...chi];
const byRepo = (pair: PairId) => pair.repo;

describe("recipeOrder", () => {
  const keys = [
    "Zeta_task/task1/features_1_2",
    "pillow_task/task25/features_1_2",
    "pillow_task/task25/features_1_10",
    "pillow_task/task25/features_2_3",
    "pillow_task/task25/features_2_3_4",
    "pillow_task/task25/features_10_11",
    "pillow_task/task290/features_1_2",
    "pillow_task/task68/features_1_2",
    "pillow_task_b/task1/features_1_2",
  ];
  const pairs = keys.map((key) => {
    const [repo = "", task = "", features = ""] = key.split("/");
    return {
      repo,
      task_id: Number(task.slice(4)),
      features: features.split("_").slice(1).map(Number),
    };
  });

  test.each([1, 2, 3])("restores the order after shuffle %p", (seed) => {
    const shuffled = [...pairs];
    new CPythonRandom(seed).shuffle(shuffled);
    expect(shuffled).not.toEqual(pairs);
    const before = [...shuffled];
    expect(recipeOrder(shuffled).map(pairKey)).toEqual(keys);
    expect(shuffled).toEqual(before);
  });
});

describe("allocate", () => {
  const cases: [title: string, sizes: number[], seats: number, expected: number[]][] = [
    ["exact shares", [50, 30, 20], 10, [5, 3, 2]],
    ["the largest remainder first", [47, 16, 37], 10, [5, 1, 4]],
    ["ties to the first in text order", [1, 1, 1, 1], 2, [1, 1, 0, 0]],
    ["no stratum left out", [91, 1, 1, 1, 1, 1, 1, 1, 1, 1], 10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ["the seat comes from whoever is furthest above", [54, 34, 2], 9, [5, 3, 1]],
    ["fewer seats than strata", [5, 80, 15], 2, [0, 2, 0]],
    ["every pair", [3, 1, 7], 11, [3, 1, 7]],
    ["one stratum", [9], 4, [4]],
  ];
  test.each(cases)("%s", (_, sizes, seats, expected) => {
    const named = sizes.map((size, i): [string, number] => [String.fromCharCode(97 + i), size]);
    const result = allocate(new Map(named.toReversed()), seats);
    expect([...result.keys()]).toEqual(named.map(([name]) => name));
    expect([...result.values()]).toEqual(expected);
  });

  test("every seat is given, never more than a stratum has, none left out when there are enough", () => {
    const random = new CPythonRandom(1);
    for (let round = 0; round < 200; round++) {
      const sizes = numbers(1 + random.randbelow(12)).map((): number => 1 + random.randbelow(60));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const seats = 1 + random.randbelow(total);
      const counts = [
        ...allocate(
          new Map(sizes.map((size, i) => [String(i).padStart(2, "0"), size])),
          seats,
        ).values(),
      ];
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(seats);
      for (const [i, size] of sizes.entries()) expect(counts[i]).toBeLessThanOrEqual(size);
      if (seats >= sizes.length) expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    }
  });
});

describe("samplePairs", () => {
  test("does not depend on the order of its input", () => {
    const there = samplePairs({ pairs: mixed, size: 9, seed: 42 });
    expect(samplePairs({ pairs: mixed.toReversed(), size: 9, seed: 42 })).toEqual(there);
    expect(samplePairs({ pairs: mixed, size: 9, seed: 43 })).not.toEqual(there);
  });

  test("strata in text order, each in proportion, from one generator", () => {
    const options = { size: 12, seed: 7, stratumOf: byRepo };
    const chosen = samplePairs({ pairs: mixed, ...options });
    const random = new CPythonRandom(7);
    const expected = [
      random.sample(chi, 1),
      random.sample(click, 2),
      random.sample(jinja, 9),
    ].flat();
    expect(chosen).toEqual(expected);
    expect(samplePairs({ pairs: mixed.toReversed(), ...options })).toEqual(chosen);
  });

  test("all pairs, each once", () => {
    const chosen = samplePairs({ pairs: mixed, size: mixed.length, seed: 1, stratumOf: byRepo });
    expect(recipeOrder(chosen)).toEqual(recipeOrder(mixed));
  });

  test.each([0, -1, 1.5, Number.NaN, 57])("size %p is a usage error with both numbers", (size) => {
    const call = () => samplePairs({ pairs: mixed, size, seed: 42 });
    expect(call).toThrow(UsageError);
    expect(call).toThrow(`cannot sample ${size} of 56 pairs`);
  });
});

describeWith("data", "the published recipe", () => {
  const dataset = testData?.dataset ?? "";
  const folders = (prefix: string, ...path: string[]) =>
    readdirSync(join(dataset, ...path)).filter((name) => name.startsWith(prefix));
  const idOf = (folder: string) => Number(/\d+$/.exec(folder)?.[0]);

  function datasetPairs(): PairId[] {
    const repos = folders("").filter((name) => name.endsWith("_task"));
    return repos.flatMap((repo) =>
      folders("task", repo).flatMap((task) => {
        const feature_ids = folders("feature", repo, task).map(idOf);
        return pairsOfTask({ repo, task_id: idOf(task), feature_ids });
      }),
    );
  }

  test("every recorded sample", async () => {
    const vectors: { samples: { seed: number; k: number; keys: string[] }[] } = await Bun.file(
      join(testData?.vectors ?? "", "recipe-sample.json"),
    ).json();
    const pairs = datasetPairs();
    new CPythonRandom(99).shuffle(pairs);
    expect(pairs.length).toBe(652);
    expect(vectors.samples.length).toBe(4);
    for (const { seed, k, keys } of vectors.samples)
      expect(samplePairs({ pairs, size: k, seed }).map(pairKey)).toEqual(keys);
  });

  test("a stratified hundred reaches every task", () => {
    const pairs = datasetPairs();
    const stratumOf = (pair: PairId) => `${pair.repo}/${pair.task_id}`;
    const chosen = samplePairs({ pairs, size: 100, seed: 42, stratumOf });
    expect(new Set(chosen.map(pairKey)).size).toBe(100);
    expect(new Set(chosen.map(stratumOf)).size).toBe(30);
  });
});
