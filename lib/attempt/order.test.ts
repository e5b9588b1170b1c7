import { describe, expect, test } from "bun:test";
import { freeOrder, type Order, recordedOrder } from "./order.ts";

const never = new AbortController().signal;
const nothing = async () => undefined;
const event = (agent_id: string, what: string) => ({ agent_id, what, signal: never });
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Each agent's events one after the other, with a pause before each. */
async function play(order: Order, parts: Record<string, readonly (readonly [string, number])[]>) {
  await Promise.all(
    Object.entries(parts).map(async ([agent_id, events]) => {
      for (const [what, pause] of events) {
        await later(pause);
        await order.pass({ agent_id, what, signal: never }, nothing);
      }
      order.leave(agent_id);
    }),
  );
  return order.log;
}

const QUICK_A = {
  a: [
    ["1", 0],
    ["2", 0],
    ["3", 0],
  ],
  b: [
    ["1", 15],
    ["2", 15],
  ],
} as const;
const QUICK_B = {
  a: [
    ["1", 15],
    ["2", 15],
    ["3", 15],
  ],
  b: [
    ["1", 0],
    ["2", 0],
  ],
} as const;

test("events are noted as they come", async () => {
  const order = freeOrder();
  for (const [agent_id, what] of [
    ["a", "1"],
    ["b", "1"],
    ["a", "2"],
  ] as const)
    await order.pass(event(agent_id, what), nothing);
  expect(order.log).toEqual(["a 1", "b 1", "a 2"]);
});

test("a replay comes in the recorded order, whoever is quicker this time", async () => {
  const orders = [
    ["a 1", "a 2", "a 3", "b 1", "b 2"],
    ["b 1", "b 2", "a 1", "a 2", "a 3"],
    ["b 1", "a 1", "a 2", "b 2", "a 3"],
  ];
  for (const recorded of orders)
    for (const paces of [QUICK_A, QUICK_B])
      expect(await play(recordedOrder(recorded), paces)).toEqual(recorded);
});

describe("an agent that goes another way lets the others go on", () => {
  const recorded = ["a 1", "b 1", "a 2", "b 2"];
  const cases: [string, Record<string, readonly (readonly [string, number])[]>][] = [
    [
      "another event",
      {
        a: [
          ["x", 5],
          ["2", 0],
        ],
        b: [
          ["1", 0],
          ["2", 0],
        ],
      },
    ],
    [
      "an event more",
      {
        a: [
          ["1", 0],
          ["2", 0],
          ["3", 0],
        ],
        b: [
          ["1", 0],
          ["2", 0],
          ["3", 0],
        ],
      },
    ],
    [
      "an early end",
      {
        a: [["1", 5]],
        b: [
          ["1", 0],
          ["2", 0],
        ],
      },
    ],
    ["an agent that is not there", { b: [["1", 0]], a: [], c: [["1", 5]] }],
  ];
  test.each(cases)("%s", async (_, parts) => {
    const wanted = Object.values(parts).flat().length;
    expect(await play(recordedOrder(recorded), parts)).toHaveLength(wanted);
  });
});

test("what an agent did next is known until it goes another way", async () => {
  const order = recordedOrder(["a wait timeout", "b send", "a receive"]);
  expect([order.expected("a"), order.expected("b"), order.expected("c")]).toEqual([
    "wait timeout",
    "send",
    undefined,
  ]);
  await order.pass(event("a", "wait timeout"), nothing);
  expect(order.expected("a")).toBe("receive");
  await order.pass(event("b", "other"), nothing);
  expect(order.expected("a")).toBeUndefined();
});

test("a wait for one's turn ends with the signal", async () => {
  const stop = new AbortController();
  const order = recordedOrder(["a 1", "b 1"]);
  const waiting = order.pass({ ...event("b", "1"), signal: stop.signal }, nothing);
  stop.abort(new Error("enough"));
  expect(waiting).rejects.toThrow("enough");
  await order.pass(event("a", "1"), nothing);
  expect(order.log).toEqual(["a 1"]);
});

test("actions run one at a time, also when one of them fails", async () => {
  for (const order of [freeOrder(), recordedOrder(["a 1", "b 1", "c 1"])]) {
    const seen: string[] = [];
    const slow = (name: string) => async () => {
      seen.push(`${name} starts`);
      await later(5);
      seen.push(`${name} ends`);
      if (name === "a1") throw new Error("broken");
    };
    const done = await Promise.allSettled([
      order.pass(event("a", "1"), slow("a1")),
      order.pass(event("b", "1"), slow("b1")),
      order.pass(event("c", "1"), slow("c1")),
    ]);
    expect(done.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(seen).toEqual(["a1", "b1", "c1"].flatMap((name) => [`${name} starts`, `${name} ends`]));
  }
});

test("a record that counts the taking of the work among the commands keeps its order", async () => {
  const original = [
    "a run 1",
    "a ran 1",
    "b run 1",
    "a run 2",
    "a ran 2",
    "b ran 1",
    "a finish",
    "b finish",
  ];
  const order = recordedOrder(original);
  const log = await play(order, {
    a: [
      ["run 1", 10],
      ["ran 1", 0],
      ["finish", 0],
    ],
    b: [
      ["run 1", 0],
      ["ran 1", 5],
      ["finish", 0],
    ],
  });
  expect(log).toEqual(original.filter((entry) => !/^a (?:run|ran) 2$/.test(entry)));
});
