import { describe, expect, test } from "bun:test";
import { openQueue, type Queue, type Visit } from "./queue.ts";

type Answer = Visit | Error;

/** A queue of words whose visits wait until they are answered; `answers` are given at once instead. */
function scripted(concurrency: number, answers: Readonly<Record<string, Answer[]>> = {}) {
  const begun: string[] = [];
  const open = new Map<string, PromiseWithResolvers<Visit>>();
  const stop = new AbortController();
  const given = new Map(Object.entries(answers).map(([unit, list]) => [unit, [...list]]));
  const queue = openQueue<string>({
    concurrency,
    stop: stop.signal,
    async visit(units) {
      return await Promise.all(units.map(visitOne));
    },
  });
  async function visitOne(unit: string): Promise<Visit> {
    begun.push(unit);
    const answer = given.get(unit)?.shift();
    if (answer instanceof Error) throw answer;
    if (answer !== undefined) return answer;
    const waiting = Promise.withResolvers<Visit>();
    open.set(unit, waiting);
    return await waiting.promise;
  }
  const settle = async (unit: string, came: Visit = "settled") => {
    open.get(unit)?.resolve(came);
    await Bun.sleep(0);
  };
  return { ...queue, begun, stop, settle };
}
const pushAll = ({ push }: Pick<Queue<string>, "push">, units: string) => [...units].forEach(push);

describe("the order of work", () => {
  test("units begin in order, so many at a time", async () => {
    const queue = scripted(2);
    pushAll(queue, "abcd");
    queue.close();
    expect(queue.begun).toEqual(["a", "b"]);
    await queue.settle("b");
    expect(queue.begun).toEqual(["a", "b", "c"]);
    await queue.settle("a");
    await queue.settle("c");
    await queue.settle("d");
    expect(await queue.done).toEqual([]);
  });

  test("one that must wait comes again behind those that were ready, and holds no place meanwhile", async () => {
    const queue = scripted(1, { a: [{ later_ms: 20 }, "settled"], b: ["settled"], c: ["settled"] });
    pushAll(queue, "abc");
    queue.close();
    expect(await queue.done).toEqual([]);
    expect(queue.begun).toEqual(["a", "b", "c", "a"]);
  });

  test("others may join until it is closed and done; who comes later is let go", async () => {
    const queue = scripted(1, { a: ["settled"], b: ["settled"], c: ["settled"] });
    queue.push("a");
    await Bun.sleep(0);
    queue.push("b");
    queue.close();
    queue.push("c");
    expect(await queue.done).toEqual([]);
    queue.push("d");
    expect(queue.begun).toEqual(["a", "b", "c"]);
  });

  test("nothing to do is done at once", async () => {
    const queue = scripted(3);
    queue.close();
    expect(await queue.done).toEqual([]);
  });

  test.each([0, -1, Number.NaN])("a width of %d is refused", (concurrency) => {
    expect(() => scripted(concurrency)).toThrow(RangeError);
  });
});

describe("a stop", () => {
  test("begins nothing more, waits for what is under way, and gives back what is left", async () => {
    const queue = scripted(2, { a: [{ later_ms: 60_000 }], b: ["left"] });
    pushAll(queue, "abcdef");
    queue.close();
    await Bun.sleep(0);
    expect(queue.begun).toEqual(["a", "b", "c", "d"]);
    queue.stop.abort();
    await queue.settle("c");
    await queue.settle("d", "left");
    expect((await queue.done).toSorted()).toEqual(["a", "b", "d", "e", "f"]);
    expect(queue.begun).toEqual(["a", "b", "c", "d"]);
  });

  test("before the first unit leaves them all, those that come until it is closed too", async () => {
    const queue = scripted(2);
    queue.stop.abort();
    pushAll(queue, "ab");
    await Bun.sleep(0);
    queue.push("c");
    queue.close();
    expect(await queue.done).toEqual(["a", "b", "c"]);
    expect(queue.begun).toEqual([]);
  });
});

test("the first error of a visit begins nothing more and is thrown once the others have ended", async () => {
  const queue = scripted(2, { a: [new Error("first")], b: [] });
  pushAll(queue, "abc");
  queue.close();
  let ended = false;
  const done = queue.done.catch((error: unknown) => error).finally(() => (ended = true));
  await Bun.sleep(0);
  expect({ ended, begun: queue.begun }).toEqual({ ended: false, begun: ["a", "b"] });
  await queue.settle("b");
  expect(await done).toMatchObject({ message: "first" });
  expect(queue.begun).toEqual(["a", "b"]);
});

test("units that are parked are passed by, come first in their order once they are freed, and are left at a stop", async () => {
  const parked = new Set(["a", "c", "d"]);
  const begun: string[] = [];
  const stop = new AbortController();
  const queue = openQueue<string>({
    ...{ concurrency: () => 1, stop: stop.signal, park: (unit: string) => parked.has(unit) },
    async visit(units) {
      begun.push(...units);
      await Bun.sleep(1);
      return units.map(() => "settled");
    },
  });
  pushAll(queue, "abcd");
  queue.close();
  await Bun.sleep(10);
  expect([begun, queue.ready()]).toEqual([["b"], 3]);
  parked.delete("c");
  queue.free();
  queue.push("e");
  await Bun.sleep(20);
  expect(begun).toEqual(["b", "c", "e"]);
  parked.delete("a");
  queue.free();
  await Bun.sleep(10);
  stop.abort();
  expect([await queue.done, begun.at(-1)]).toEqual([["d"], "a"]);
});
