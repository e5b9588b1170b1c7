import { describe, expect, test } from "bun:test";
import { indexedTask, memoryLedger } from "../../db/ledger.fixture.ts";
import { UsageError } from "../core/fault.ts";
import { NEVER } from "../engine/places.ts";
import type { Study } from "./file.ts";
import { studyPairs } from "./pairs.ts";

const ALPHA = [1, 2, 3, 4].flatMap((a) =>
  [2, 3, 4].filter((b) => b > a).map((b) => `alpha_task/task1/features_${a}_${b}`),
);
const BETA = ["beta_task/task2/features_1_2"];

async function keysOf(pairs: Partial<Study["pairs"]>): Promise<string[]> {
  using ledger = memoryLedger();
  const tasks = [
    indexedTask("alpha_task", 1, { features: [1, 2, 3, 4] }),
    indexedTask("beta_task", 2),
  ];
  ledger.dataset.index("dataset", "hash", tasks);
  const wanted = { task_id: undefined, features: undefined, ...pairs };
  const options = { pairs: wanted, ledger, dataset_dir: "nowhere", signal: NEVER };
  return (await studyPairs(options)).map(({ pair_key }) => pair_key);
}

describe("pairs of a study", () => {
  const cases: [pairs: Partial<Study["pairs"]>, keys: readonly string[]][] = [
    [{}, [...ALPHA, ...BETA]],
    [{ repo: "beta_task" }, BETA],
    [{ keys: [...BETA, ...ALPHA.slice(0, 1)] }, [...BETA, ...ALPHA.slice(0, 1)]],
    [{ limit: 2 }, ALPHA.slice(0, 2)],
    [{ features: [1, 2, 3] }, ["alpha_task/task1/features_1_2_3"]],
    [
      { keys: ["alpha_task/task1/features_1_2_3"], sample: { size: 1, seed: 42 } },
      ["alpha_task/task1/features_1_2_3"],
    ],
  ];
  test.each(cases)("of %j", async (pairs, keys) => {
    expect(await keysOf(pairs)).toEqual([...keys]);
  });

  test("a draw is the same each time, a limit is its beginning, and a stratum has its share", async () => {
    const drawn = await keysOf({ sample: { size: 4, seed: 42 } });
    expect(drawn).toHaveLength(4);
    expect(await keysOf({ sample: { size: 4, seed: 42 }, limit: 2 })).toEqual(drawn.slice(0, 2));
    const strata = await keysOf({ sample: { size: 3, seed: 1, stratify: "repo" } });
    expect(strata.filter((key) => BETA.includes(key))).toEqual(BETA);
  });

  const refused: Partial<Study["pairs"]>[] = [
    { repo: "alpah_task" },
    { subset: "lite" },
    { sample: { size: 8, seed: 42 } },
  ];
  test.each(refused)("%j is refused", async (pairs) => {
    await expect(keysOf(pairs)).rejects.toThrow(UsageError);
  });
});
