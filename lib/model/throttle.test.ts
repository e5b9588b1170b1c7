import { describe, expect, test } from "bun:test";
import { fastClock, never } from "./gateway.fixture.ts";
import { type Slot, Throttle } from "./throttle.ts";

const throttleOf = (concurrency: number) => {
  const limits: number[] = [];
  const clock = fastClock();
  const on_limit = (limit: number) => void limits.push(limit);
  return { throttle: new Throttle({ concurrency, clock, on_limit }), clock, limits };
};
const take = (throttle: Throttle, n: number): Promise<Slot[]> =>
  Promise.all(Array.from({ length: n }, () => throttle.acquire(never)));
const settle = () => Bun.sleep(0);

/** One call after the other, all of them successes. */
async function succeed(throttle: Throttle, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    using slot = await throttle.acquire(never);
    slot.succeeded();
  }
}

test("so many at a time, the rest in the order in which they came", async () => {
  const { throttle } = throttleOf(2);
  const order: number[] = [];
  const first = await take(throttle, 2);
  const rest = [1, 2, 3].map(async (n) => {
    const slot = await throttle.acquire(never);
    order.push(n);
    return slot;
  });
  await settle();
  expect([order, throttle.in_flight]).toEqual([[], 2]);
  first[1]?.[Symbol.dispose]();
  await settle();
  expect(order).toEqual([1]);
  first[0]?.[Symbol.dispose]();
  await settle();
  expect(order).toEqual([1, 2]);
  for (const slot of [rest[0], rest[1]]) (await slot)?.[Symbol.dispose]();
  (await rest[2])?.[Symbol.dispose]();
  expect([order, throttle.in_flight]).toEqual([[1, 2, 3], 0]);
});

test("a slot that is left twice is one slot", async () => {
  const { throttle } = throttleOf(2);
  const [one] = await take(throttle, 2);
  one?.[Symbol.dispose]();
  one?.[Symbol.dispose]();
  expect(throttle.in_flight).toBe(1);
});

describe("a refusal", () => {
  test("halves the limit once a burst, and again in the next", async () => {
    const { throttle, limits } = throttleOf(16);
    const burst = await take(throttle, 16);
    for (const slot of burst) slot.refused(0);
    for (const slot of burst) slot[Symbol.dispose]();
    expect(limits).toEqual([8]);
    const next = await take(throttle, 8);
    for (const slot of next) slot.refused(0);
    expect(limits).toEqual([8, 4]);
  });

  test("never stops everything", async () => {
    const { throttle } = throttleOf(3);
    for (let n = 0; n < 5; n++) {
      using slot = await throttle.acquire(never);
      slot.refused(0);
    }
    expect(throttle.limit).toBe(1);
    await succeed(throttle, 1);
  });

  test("lets nobody in above the new limit while old calls are still under way", async () => {
    const { throttle } = throttleOf(4);
    const old = await take(throttle, 4);
    old[0]?.refused(0);
    let entered = false;
    const waiting = throttle.acquire(never).then((slot) => {
      entered = true;
      return slot;
    });
    for (const slot of old.slice(0, 2)) slot[Symbol.dispose]();
    await settle();
    expect([entered, throttle.in_flight]).toEqual([false, 2]);
    old[2]?.[Symbol.dispose]();
    await waiting;
    expect(throttle.in_flight).toBe(2);
  });

  test("with a pause keeps out newcomers and those who stand in the queue", async () => {
    const { throttle, clock } = throttleOf(1);
    const slot = await throttle.acquire(never);
    const entered_at: number[] = [];
    const enter = async () => {
      using _slot = await throttle.acquire(never);
      entered_at.push(clock.now());
    };
    const queued = enter();
    slot.refused(5000);
    const newcomer = enter();
    slot[Symbol.dispose]();
    await Promise.all([queued, newcomer]);
    expect(entered_at).toEqual([5000, 5000]);
  });
});

describe("successes", () => {
  test("raise the limit one by one, a run of them each, up to what it was", async () => {
    const { throttle, limits } = throttleOf(4);
    const [slot] = await take(throttle, 1);
    slot?.refused(0);
    slot?.[Symbol.dispose]();
    await succeed(throttle, 9);
    expect(limits).toEqual([2]);
    await succeed(throttle, 1);
    expect(limits).toEqual([2, 3]);
    await succeed(throttle, 100);
    expect(limits).toEqual([2, 3, 4]);
  });

  test("of calls that began before the halving do not count", async () => {
    const { throttle, limits } = throttleOf(32);
    const old = await take(throttle, 32);
    old[0]?.refused(0);
    for (const slot of old) slot.succeeded();
    expect(limits).toEqual([16]);
  });
});

describe("who gives up", () => {
  test("in the queue leaves it, and the next one moves up", async () => {
    const { throttle } = throttleOf(1);
    const [slot] = await take(throttle, 1);
    const gone = new AbortController();
    const first = throttle.acquire(gone.signal);
    const second = throttle.acquire(never);
    gone.abort(new Error("over"));
    await expect(first).rejects.toThrow("over");
    slot?.[Symbol.dispose]();
    await second;
    expect(throttle.in_flight).toBe(1);
  });

  test("in the moment of being let in gives the slot back", async () => {
    const { throttle } = throttleOf(1);
    const [slot] = await take(throttle, 1);
    const gone = new AbortController();
    const first = throttle.acquire(gone.signal);
    slot?.[Symbol.dispose]();
    gone.abort(new Error("over"));
    await expect(first).rejects.toThrow("over");
    expect(throttle.in_flight).toBe(0);
    await succeed(throttle, 1);
  });

  test("during a pause is told at once", async () => {
    const { throttle } = throttleOf(1);
    const [slot] = await take(throttle, 1);
    slot?.refused(1000);
    const gone = new AbortController();
    const waiting = throttle.acquire(gone.signal);
    gone.abort(new Error("over"));
    await expect(waiting).rejects.toThrow("over");
  });
});
