import { expect, test } from "bun:test";
import type { Holder } from "./holding.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import type { WorkUnit } from "./work.ts";

const KEY = "r/alpha_task/task1/features_1_2";
const UNIT: WorkUnit = { unit: KEY, step: "run", run: "r" };
const spent = (cost_usd: number, in_flight = 0) => ({
  ...{ doing: "working", cost_usd, in_flight, tokens: 1, agents: [] },
});

function filled() {
  const ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  const claim = (owner = "a"): number => {
    const asker = { owner, isGone: () => true, isDone: () => false };
    const [number] = ledger.work.claim([UNIT], asker);
    if (typeof number !== "number") throw new Error(`the claim came to ${number}`);
    return number;
  };
  const known = () => ledger.runs.spent("r").usd + ledger.work.open(["r"]).usd;
  return { ...ledger, claim, known, [Symbol.dispose]: () => ledger.close() };
}

test("a later claim of a unit has a higher number, whatever became of the earlier ones", () => {
  using ledger = filled();
  const first = ledger.claim();
  ledger.work.release(UNIT, { owner: "a" }, "fault");
  const second = ledger.claim();
  ledger.work.release(UNIT, { owner: "a", claim: second }, "stopped");
  const third = ledger.claim("b");
  const fourth = ledger.claim("c");
  ledger.attempts.put([attemptRecord(KEY)], { owner: "c", claim: fourth });
  const fifth = ledger.claim("a");
  expect([first, second, third, fourth, fifth]).toEqual([1, 2, 3, 4, 5]);
  expect(ledger.work.journal().map(({ event, claim }) => [event, claim])).toEqual([
    ["claimed", 1],
    ["fault", 1],
    ["claimed", 2],
    ["stopped", 2],
    ["claimed", 3],
    ["lost", 3],
    ["claimed", 4],
    ["done", 4],
    ["claimed", 5],
  ]);
});

test("a result, a word and a release of an earlier claim or delivery are refused", () => {
  using ledger = filled();
  const old = ledger.claim();
  ledger.work.release(UNIT, { owner: "a" }, "stopped");
  const claim = ledger.claim();
  ledger.work.deliver(UNIT, { owner: "a", claim, worker: "w1", delivery: "d1" });
  ledger.work.deliver(UNIT, { owner: "a", claim, worker: "w2", delivery: "d2" });
  const late: Holder[] = [
    { owner: "a", claim: old },
    { owner: "a", claim, delivery: "d1" },
    { owner: "b", claim, delivery: "d2" },
  ];
  for (const holder of late) {
    expect(() => ledger.attempts.put([attemptRecord(KEY)], holder)).toThrow("taken over");
    expect(() => ledger.work.done(UNIT, holder)).toThrow("taken over");
    ledger.work.say({ ...UNIT, progress: spent(9) }, holder);
    ledger.work.release(UNIT, holder, "stopped");
    expect(ledger.work.holds(UNIT, holder)).toBe(false);
  }
  const again = { owner: "a", claim: old, worker: "w", delivery: "d3" };
  expect(() => ledger.work.deliver(UNIT, again)).toThrow("taken over");
  expect(ledger.work.leases()).toMatchObject([{ claim, worker: "w2", delivery: "d2" }]);
  expect([ledger.attempts.has(KEY), ledger.known()]).toEqual([false, 0]);
  ledger.attempts.put([attemptRecord(KEY)], { owner: "a", claim, delivery: "d2" });
  const [last] = ledger.work.journal().slice(-1);
  expect(last).toMatchObject({ event: "done", claim, worker: "w2", delivery: "d2" });
});

test("what refused tries have cost is lost once, however often they say so", () => {
  using ledger = filled();
  const claim = ledger.claim();
  const first = { owner: "a", claim, delivery: "d1" };
  ledger.work.deliver(UNIT, { ...first, worker: "w1" });
  ledger.work.say({ ...UNIT, progress: spent(1) }, first);
  ledger.work.deliver(UNIT, { ...first, worker: "w1" });
  expect(ledger.known()).toBe(1);
  const second = { owner: "a", claim, delivery: "d2" };
  ledger.work.deliver(UNIT, { ...second, worker: "w2" });
  ledger.work.say({ ...UNIT, progress: spent(4, 1) }, second);
  expect(ledger.known()).toBe(5);
  for (const _ of [1, 2]) ledger.work.loseRest(UNIT, { ...first, worker: "w1", spent: spent(3) });
  expect(ledger.known()).toBe(7);
  ledger.claim("b");
  for (const _ of [1, 2]) ledger.work.loseRest(UNIT, { ...second, spent: spent(4.5) });
  expect(ledger.known()).toBe(7.5);
  expect(ledger.runs.spent("r")).toEqual({ usd: 7.5, unpriced: 0, cut_off: 1 });
  ledger.work.loseRest({ ...UNIT, step: "eval" }, { owner: "a", claim: 9, spent: spent(0) });
  expect(ledger.work.journal().filter(({ event }) => event === "lost")).toMatchObject([
    { cost_usd: 1, worker: "w1", note: "delivered again" },
    { cost_usd: 2, worker: "w1", note: "its result came too late" },
    { cost_usd: 4, cut_off: 1, worker: "w2", note: null },
    { cost_usd: 0.5, delivery: "d2" },
  ]);
});
