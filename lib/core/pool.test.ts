import { describe, expect, test } from "bun:test";
import { eachOf, openGate } from "./pool.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
/** Lets every waiting continuation run. */
const turn = () => Bun.sleep(0);

describe("concurrency", () => {
  const cases: [items: number, concurrency: number, most: number][] = [
    [0, 3, 0],
    [1, 3, 1],
    [10, 1, 1],
    [10, 3, 3],
    [3, 10, 3],
    [3, Number.POSITIVE_INFINITY, 3],
  ];
  test.each(cases)("%p items, %p at a time: at most %p run", async (items, concurrency, most) => {
    let running = 0;
    let seen = 0;
    const started: number[] = [];
    await eachOf(numbers(items), { concurrency }, async (item) => {
      started.push(item);
      seen = Math.max(seen, ++running);
      await turn();
      running--;
    });
    expect(seen).toBe(most);
    expect(started).toEqual(numbers(items));
    expect(running).toBe(0);
  });

  test.each([0, -1, 0.5, Number.NaN])(
    "%p is refused, rather than doing nothing",
    async (concurrency) => {
      await expect(eachOf([1], { concurrency }, async () => {})).rejects.toThrow(RangeError);
    },
  );

  test("a slow item holds up only its own place", async () => {
    const done: number[] = [];
    const gate = Promise.withResolvers<void>();
    await eachOf(numbers(5), { concurrency: 2 }, async (item) => {
      if (item === 0) await gate.promise;
      done.push(item);
      if (item === 4) gate.resolve();
    });
    expect(done).toEqual([1, 2, 3, 4, 0]);
  });
});

describe("abort", () => {
  test("starts no more, and waits for what is in flight", async () => {
    const controller = new AbortController();
    const [started, ended]: [number[], number[]] = [[], []];
    await eachOf(numbers(10), { concurrency: 2, signal: controller.signal }, async (item) => {
      started.push(item);
      if (item === 2) controller.abort();
      await turn();
      ended.push(item);
    });
    expect(started.length).toBeLessThanOrEqual(4);
    expect(ended).toEqual(started);
  });

  test("before the start does nothing", async () => {
    const started: number[] = [];
    await eachOf(numbers(3), { concurrency: 2, signal: AbortSignal.abort() }, async (item) => {
      started.push(item);
    });
    expect(started).toEqual([]);
  });
});

describe("an error", () => {
  test("is thrown once the others in flight have ended, and nothing is started after it", async () => {
    const [started, ended]: [number[], number[]] = [[], []];
    const work = eachOf(numbers(10), { concurrency: 3 }, async (item) => {
      started.push(item);
      if (item === 1) throw new Error("item 1");
      await turn();
      ended.push(item);
    });
    await expect(work).rejects.toThrow("item 1");
    expect(ended).toEqual([0, 2]);
    await turn();
    expect(started).toEqual([0, 1, 2]);
  });

  test("the first of several is the one that is thrown", async () => {
    const work = eachOf(numbers(2), { concurrency: 2 }, async (item) => {
      if (item === 0) await turn();
      throw new Error(`item ${item}`);
    });
    await expect(work).rejects.toThrow("item 1");
  });
});

test.each([
  [0, 1],
  [1, 1],
  [3, 3],
])(
  "a gate of %p lets %p through at once, in order, and a failure makes room",
  async (width, most) => {
    const gate = openGate(width);
    const begun: number[] = [];
    let [running, seen] = [0, 0];
    const passed = numbers(6).map((number) =>
      gate(async () => {
        begun.push(number);
        seen = Math.max(seen, ++running);
        await turn();
        running--;
        if (number === 1) throw new Error("broken");
      }),
    );
    const ends = (await Promise.allSettled(passed)).map(({ status }) => status);
    expect([seen, begun, ends.filter((end) => end === "rejected").length]).toEqual([
      most,
      numbers(6),
      1,
    ]);
  },
);
