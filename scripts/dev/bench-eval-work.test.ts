import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../lib/core/testing.ts";
import { docker } from "../../lib/sandbox/docker/docker.fixture.ts";
import { demoFile } from "../../lib/sandbox/task.fixture.ts";
import { plainRound } from "./bench-eval-plain.ts";
import { benchEval, evalRow, type Round, type WayRound } from "./bench-eval-work.ts";

setDefaultTimeout(180_000);

const way = (wall_ms: number, fields: Partial<WayRound> = {}): WayRound => ({
  ...{ wall_ms, pairs: 10, suites: 20, passed: 7, runner_ms: 8_000 },
  ...fields,
});
const round = (tandem_ms: number, plain_ms: number, stop_ms = 0): Round => ({
  tandem: { eval: way(tandem_ms) },
  plain: { ...way(plain_ms), stop_ms },
});

describe("figures", () => {
  test("of one round: pairs a minute, their ratio, and what places were held beyond the tests", () => {
    expect(evalRow("eval", [round(10_000, 30_000, 20_000)], 2)).toMatchObject({
      ...{ bench: "eval", pairs: 10, rounds: 1, concurrency: 2, ratio: 3 },
      ...{ tandem_pairs_per_min: 60, plain_pairs_per_min: 20 },
      // 30 s of wall without 20 s of stopping, two at a time.
      ratio_without_stop: 2,
      ...{ tandem_overhead_ms_per_pair: 1_200, plain_overhead_ms_per_pair: 5_200 },
      ...{ tandem_passed: 7, plain_passed: 7 },
    });
  });

  const MEDIANS: [rounds: Round[], ratio: number][] = [
    [[round(10, 10), round(10, 50), round(10, 20)], 2],
    [[round(10, 10), round(10, 20)], 1.5],
    [[round(10, 40), round(10, 10), round(10, 20), round(10, 30)], 2.5],
  ];
  test.each(MEDIANS)("of several rounds are medians of each round's own", (rounds, ratio) => {
    expect(evalRow("eval", rounds, 1)).toMatchObject({ ratio, rounds: rounds.length });
  });

  test("come from ways that take turns", async () => {
    const order: string[] = [];
    const one = (name: string) => async (number: number) => {
      order.push(`${name}${number}`);
      return way(1_000);
    };
    const rows = await benchEval({
      concurrency: 2,
      rounds: 2,
      signal: new AbortController().signal,
      tandem: { a: one("a"), b: one("b") },
      plain: async () => ({ ...(await one("plain")(0)), stop_ms: 0 }),
    });
    expect(order).toEqual(["a1", "b1", "plain0", "a2", "b2", "plain0"]);
    expect(rows).toMatchObject([
      { bench: "a", ratio: 1 },
      { bench: "b", ratio: 1 },
    ]);
  });
});

describeWith("docker", "the plain way", () => {
  const patch = (feature: number) => demoFile(`feature${feature}/feature.patch`);
  const tests = (feature: number) => demoFile(`feature${feature}/tests.patch`);
  const pairOf = (key: string, first: number, second: number) => ({
    key,
    patches: [patch(first), patch(second)],
    tests: [tests(first), tests(second)],
  });
  const options = {
    image: "akhatua/cooperbench-demo:task1",
    concurrency: 2,
    timeout_ms: 120_000,
    signal: new AbortController().signal,
  };
  const left = (run: string) => docker("ps", "-aq", "--filter", `label=tandem.run=${run}`);

  test("gives a clean pair and one that conflicts their verdicts, and leaves no container", async () => {
    const run = `plain-${process.pid}`;
    const pairs = [pairOf(`${run}/1_2`, 1, 2), pairOf(`${run}/1_5`, 1, 5)];
    const { wall_ms, runner_ms, stop_ms, ...counts } = await plainRound(pairs, options);
    expect(counts).toEqual({ pairs: 2, suites: 4, passed: 2 });
    expect(runner_ms).toBeGreaterThan(0);
    expect(stop_ms).toBeGreaterThan(0);
    expect(await left(run)).toBe("");
  });

  test("that cannot do a step is a fault, and leaves no container", async () => {
    const run = `plain-broken-${process.pid}`;
    const pair = { ...pairOf(`${run}/1_2`, 1, 2), patches: [Buffer.from("nonsense\n")] };
    await expect(plainRound([pair], options)).rejects.toMatchObject({ code: "sandbox_failed" });
    expect(await left(run)).toBe("");
  });
});
