import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { describeWith, testData } from "../../core/testing.ts";
import { passRate, wilson } from "../rate.ts";
import { clusterBootstrap } from "./bootstrap.ts";
import { armRates, compareArms } from "./compare.ts";
import { pairTries } from "./pairs.ts";
import { signFlip } from "./sign-flip.ts";
import { arm } from "./stats.fixture.ts";

const A = arm({ "r/1": "1 1 0", "r/2": "1 0", "s/1": "1 1 1 0" });
const B = arm({ "r/1": "1 0 0", "r/2": "0 0", "s/1": "1 0 1 1" });

describe("armRates", () => {
  test("is the one pass rate, with clustered intervals and repeats beside it", async () => {
    const rows = arm({ "r/1": "1 1 0", "r/2": "1 0 x", "s/1": "1 1 . 0" });
    const found = await armRates(rows);
    expect(found).toMatchObject(passRate(rows));
    expect(found).toMatchObject({ pairs: 8, faults: 1, pending: 1, rate: 5 / 8 });
    expect(found).toMatchObject({ rate_if_faults_fail: 5 / 9, rate_if_faults_pass: 6 / 9 });
    expect(found.by_task).toMatchObject({ n: 8, clusters: 3, mean: 5 / 8, reason: null });
    expect(found.by_repo).toMatchObject({ n: 8, clusters: 2, mean: 5 / 8, reason: null });
    expect(found.repeats).toEqual([
      { k: 1, pairs: 8, left_out: 0, pass_at_k: 5 / 8, pass_hat_k: 5 / 8 },
    ]);
  });

  test("takes the mean inside a pair first, and leaves its faults out", async () => {
    const found = await armRates(arm({ "r/1": "1111 0", "r/2": "10 x0" }));
    expect(found).toMatchObject({ attempted: 8, rate: 5 / 8, pairs: 4, faults: 1 });
    expect(found.by_task.mean).toBe((1 + 0 + 0.5 + 0) / 4);
    expect(found.repeats.map(({ k, pairs, left_out }) => [k, pairs, left_out])).toEqual([
      [1, 4, 0],
      [2, 2, 2],
      [3, 1, 3],
      [4, 1, 3],
    ]);
  });

  test("knows nothing of nothing", async () => {
    expect(await armRates([])).toMatchObject({ rate: null, pairs: 0, repeats: [] });
    const faults = await armRates(arm({ "r/1": "x x" }));
    expect(faults).toMatchObject({ rate: null, pairs: 0, rate_if_faults_pass: 1 });
    expect(faults.by_task.reason).toBe("no observations");
  });

  test("holds tasks of one number in two repositories apart", async () => {
    const found = await armRates(arm({ "r/1": "1 0", "s/1": "1 1" }));
    expect([found.by_task.clusters, found.by_repo.clusters]).toEqual([2, 2]);
  });
});

describe("compareArms", () => {
  test("gives each view the same paired differences", async () => {
    const found = await compareArms(A, B);
    expect(found).toMatchObject({ pairs: 9, dropped: 0, only_a: 0, only_b: 0 });
    expect([found.rate_a, found.rate_b]).toEqual([6 / 9, 4 / 9]);
    expect(found.difference).toBeCloseTo(2 / 9, 14);
    expect(found.mcnemar).toMatchObject({ b: 3, c: 1, p: 0.625 });
    const differences = [0, 1, 0, 1, 0, 0, 1, 0, -1];
    const tasks = ["r1", "r1", "r1", "r2", "r2", "s1", "s1", "s1", "s1"];
    const byTask = differences.map((value, i) => ({ value, cluster: tasks[i] ?? "" }));
    expect(found.by_task.bootstrap).toEqual(clusterBootstrap(byTask));
    expect(found.by_task.sign_flip).toEqual(signFlip(byTask));
    expect(found.by_repo.interval.clusters).toBe(2);
    expect(found.equivalence.verdict).toBe("not shown either way");
  });

  test("turned round has every sign turned", async () => {
    const [there, back] = [await compareArms(A, B), await compareArms(B, A)];
    expect(back.difference).toBe(-(there.difference ?? Number.NaN));
    expect(back.by_task.interval.low).toBeCloseTo(-(there.by_task.interval.high ?? 9), 14);
    expect(back.by_task.sign_flip).toEqual(there.by_task.sign_flip);
    expect(back.mcnemar).toEqual({ b: there.mcnemar.c, c: there.mcnemar.b, p: there.mcnemar.p });
    expect(back.equivalence.smallest_margin).toBe(there.equivalence.smallest_margin);
  });

  test("does not depend on the order of rows", async () => {
    expect(await compareArms(A.toReversed(), B.toReversed())).toEqual(await compareArms(A, B));
  });

  test("counts only pairs scored in both arms, and says how many it left out", async () => {
    const a = arm({ "r/1": "1 1 0 x 1", "r/2": "1 0 .", "r/3": "1" });
    const b = arm({ "r/1": "1 0 0 1 x", "r/2": "0 0 x", "s/1": "1" });
    const found = await compareArms(a, b);
    expect(found).toMatchObject({ pairs: 5, only_a: 2, only_b: 2, dropped: 5 });
    expect([found.rate_a, found.rate_b]).toEqual([3 / 5, 1 / 5]);
  });

  test("takes the mean over tries inside a pair first", async () => {
    const found = await compareArms(
      arm({ "r/1": "1110 0", "r/2": "1x" }),
      arm({ "r/1": "10 0", "r/2": "00" }),
    );
    expect([found.rate_a, found.rate_b]).toEqual([1.75 / 3, 0.5 / 3]);
    expect(found.difference).toBeCloseTo(1.25 / 3, 14);
    expect(found.mcnemar).toMatchObject({ b: 2, c: 0 });
  });

  const edges: [
    title: string,
    a: Record<string, string>,
    b: Record<string, string>,
    found: object,
  ][] = [
    [
      "no pairs in common",
      { "r/1": "1" },
      { "r/2": "1" },
      { pairs: 0, dropped: 2, difference: null, rate_a: null, mcnemar: { b: 0, c: 0, p: null } },
    ],
    [
      "one task",
      { "r/1": "1 1 0" },
      { "r/1": "0 1 0" },
      { pairs: 3, difference: 1 / 3, by_task: { interval: { reason: "one cluster" } } },
    ],
    [
      "arms that agree on every pair",
      { "r/1": "1 0", "r/2": "1" },
      { "r/1": "1 0", "r/2": "1" },
      {
        difference: 0,
        by_task: { interval: { reason: "no spread" }, sign_flip: { p: 1 } },
        mcnemar: { p: 1 },
        equivalence: { verdict: "not shown either way", reason: "no spread" },
      },
    ],
    [
      "all pass against all fail",
      { "r/1": "1 1", "r/2": "1" },
      { "r/1": "0 0", "r/2": "0" },
      { difference: 1, by_task: { bootstrap: { reason: "no spread", low: null } } },
    ],
  ];
  test.each(edges)("%s", async (_, a, b, found) => {
    expect(await compareArms(arm(a), arm(b))).toMatchObject(found);
  });

  test("takes a margin, draws and a seed", async () => {
    const found = await compareArms(A, B, { margin: 0.2, draws: 500, seed: 5 });
    expect(found.equivalence.margin).toBe(0.2);
    expect(found.by_task.bootstrap).toMatchObject({ draws: 500, seed: 5 });
  });

  test("draws signs from the seed too, where there are too many tasks to count", async () => {
    const oneEach = (passes: (task: number) => boolean) =>
      arm(
        Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`r/${i}`, passes(i) ? "1" : "0"])),
      );
    const [a, b] = [oneEach((task) => task < 12), oneEach((task) => task >= 12)];
    const differences = Array.from({ length: 18 }, (_, i) => ({
      value: i < 12 ? 1 : -1,
      cluster: JSON.stringify(["r", String(i)]),
    }));
    for (const seed of [5, 6]) {
      const found = await compareArms(a, b, { draws: 1, seed });
      expect(found.by_task.sign_flip).toEqual(signFlip(differences, { seed }));
    }
    expect(signFlip(differences, { seed: 5 }).p).not.toBe(signFlip(differences, { seed: 6 }).p);
  });

  const wrong = [{ margin: 0 }, { margin: 2 }, { draws: 0 }, { seed: -1 }];
  test.each(wrong)("refuses %p", async (options) => {
    await expect(compareArms(A, B, options)).rejects.toThrow(RangeError);
  });
  test("refuses a pair of two tasks", async () => {
    const moved = A.map((row) => ({ ...row, task: "9" }));
    await expect(compareArms(A, moved)).rejects.toThrow(RangeError);
    expect(() => pairTries([...A, ...moved])).toThrow('["r","1"], ["r","9"]');
  });
  test("takes pairs in the order of their keys", () => {
    const keys = [...pairTries(A.toReversed()).keys()];
    expect(keys).toEqual(keys.toSorted());
  });
});

type Cell = { k: number; n: number; ci: [number, number] };

describeWith("data", "the paper's table 5 by arms", () => {
  // Counts alone are published, so the pairs that pass are laid out from the first on; the tasks are of our making.
  const rowsOf = ({ k, n }: Cell) =>
    Array.from({ length: n }, (_, i) => ({
      pair_key: `pair${String(i).padStart(3, "0")}`,
      task: i % 30,
      repo: `repo${(i % 30) % 12}`,
      passed: i < k,
      fault: false,
    }));

  test("rates and intervals to 1e-12, and solo less coop is the coordination gap", async () => {
    const table: { rows: { model: string; solo: Cell; coop: Cell }[] } = await Bun.file(
      join(testData?.vectors ?? "", "paper-table5.json"),
    ).json();
    expect(table.rows.length).toBe(5);
    for (const { solo, coop } of table.rows) {
      for (const cell of [solo, coop]) {
        const found = await armRates(rowsOf(cell));
        expect(found.rate).toBe(cell.k / cell.n);
        expect(Math.abs((found.wilson_low ?? Number.NaN) - cell.ci[0])).toBeLessThan(1e-12);
        expect(Math.abs((found.wilson_high ?? Number.NaN) - cell.ci[1])).toBeLessThan(1e-12);
        expect(found.by_task).toMatchObject({ n: 652, clusters: 30 });
      }
      const gap = await compareArms(rowsOf(solo), rowsOf(coop), { draws: 200 });
      expect(gap.difference).toBeCloseTo((solo.k - coop.k) / 652, 14);
      expect(gap.mcnemar).toMatchObject({ b: solo.k - coop.k, c: 0 });
    }
  });

  test("all models together", async () => {
    const { rows }: { rows: { solo: Cell; coop: Cell }[] } = await Bun.file(
      join(testData?.vectors ?? "", "paper-table5.json"),
    ).json();
    const sum = (of: (row: { solo: Cell; coop: Cell }) => number) =>
      rows.reduce((total, row) => total + of(row), 0);
    expect([sum(({ solo }) => solo.k), sum(({ coop }) => coop.k)]).toEqual([1040, 559]);
    expect(wilson(1040, 5 * 652).low).toBeCloseTo(0.3032, 3);
  });
});
