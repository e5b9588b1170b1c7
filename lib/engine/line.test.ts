import { afterAll, describe, expect, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import { addFault } from "../../db/verdicts.fixture.ts";
import { Fault, type FaultCode } from "../core/fault.ts";
import { openWork } from "../work/work.ts";
import { openEngine } from "./engine.ts";
import { type Ended, type LineOptions, openLine } from "./line.ts";
import { HERE } from "./place.ts";
import { eachInput, eachJob, type Stage } from "./stage.ts";

const ledger = memoryLedger();
const work = openWork({ ledger, command: "test" });
afterAll(() => {
  work[Symbol.dispose]();
  ledger.close();
});

type Kept = { readonly rests_on: string; readonly at: string };
let tables = 0;

/** A stage of words: each rests on its own capital, results are kept in a map, `breaks` says who meets which fault. */
function table(breaks: Readonly<Record<string, FaultCode[]>> = {}) {
  const kept = new Map<string, Kept>();
  const worked: string[][] = [];
  const faults = new Map(Object.entries(breaks).map(([unit, codes]) => [unit, [...codes]]));
  const repo = `table${++tables}_task`;
  const stage: Stage<string, string, Kept, string> = {
    name: "check",
    about: (unit) => ({
      ...{ unit: `${repo} ${unit}`, run: "", repo, task_id: 1, features: [1], try: 1 },
    }),
    inputs: eachInput((unit) => {
      if (unit.startsWith("?")) throw new Fault("dataset_missing", `no ${unit}`, { hint: "…" });
      return unit.toUpperCase();
    }),
    stored: (units) => units.map((unit) => kept.get(unit)),
    current({ rests_on }, inputs) {
      if (rests_on === "refused") return new Fault("dataset_changed", "changed", { hint: "…" });
      return rests_on === inputs;
    },
    made_at: ({ at }) => at,
    async work(jobs) {
      worked.push(jobs.map(({ unit }) => unit));
      return await eachJob<string, string, string>(async ({ unit, inputs }) => {
        const code = faults.get(unit)?.shift();
        if (code) throw new Fault(code, `${unit} broke`, { hint: "…" });
        return inputs;
      })(jobs);
    },
    store({ unit, held }, made) {
      ledger.work.done(held.unit, held.holder);
      const row = { rests_on: made, at: new Date().toISOString() };
      kept.set(unit, row);
      return row;
    },
  };
  return { stage, kept, worked, repo };
}

type Table = ReturnType<typeof table>;
type Options = Partial<LineOptions<string, string, Kept, string>> & {
  readonly retries?: { faults: number; wait_ms: number };
  readonly drain?: AbortSignal;
};

/** A line that stays open until it is closed. */
const lineOf = (
  { stage }: Table,
  more: Pick<LineOptions<string, string, Kept, string>, "batch" | "hold">,
) =>
  openLine({
    engine: openEngine({
      ...{ ledger, work, retries: { faults: 0, wait_ms: 0 } },
      signal: new AbortController().signal,
    }),
    ...{ stage, width: 1, on_unit: () => undefined, ...more },
  });

/** Runs units through a line; what was told of each, in order. */
async function run({ stage }: Table, units: readonly string[], options: Options = {}) {
  const told: [string, string][] = [];
  const { retries = { faults: 0, wait_ms: 0 }, drain, ...rest } = options;
  const signal = new AbortController().signal;
  const line = openLine({
    engine: openEngine({ ledger, work, retries, signal, drain }),
    stage,
    width: 1,
    on_unit: (unit, ended) => told.push([unit, wordOf(ended)]),
    ...rest,
  });
  line.push(...(await line.survey(units)));
  line.close();
  const left = await line.done;
  return { told, left, counts: line.counts() };
}

const wordOf = (ended: Ended<Kept>) =>
  "fault" in ended ? ended.fault.code : ended.fresh ? "made" : "known";
const openFaults = ({ repo }: Table) =>
  ledger.faults.open().flatMap((fault) => (fault.repo === repo ? fault.code : []));

describe("done", () => {
  test("is decided by what a result rests on, and asked of all at once", async () => {
    const words = table();
    words.kept.set("a", { rests_on: "A", at: "2026-01-01" });
    words.kept.set("b", { rests_on: "old", at: "2026-01-01" });
    const { told, counts } = await run(words, ["a", "b", "c"]);
    expect(told).toEqual([
      ["a", "known"],
      ["b", "made"],
      ["c", "made"],
    ]);
    expect(counts).toEqual({ units: 3, ended: 3, under_way: 0, left: 0 });
  });

  test("does not count when forced, but only once", async () => {
    const words = table();
    await run(words, ["a"]);
    await Bun.sleep(5);
    expect((await run(words, ["a"], { force: true })).told).toEqual([["a", "made"]]);
    expect((await run(words, ["a"])).told).toEqual([["a", "known"]]);
  });

  test("on what must not be replaced is a fault that is told and not kept", async () => {
    const words = table();
    words.kept.set("a", { rests_on: "refused", at: "2026-01-01" });
    expect((await run(words, ["a"])).told).toEqual([["a", "dataset_changed"]]);
    expect([openFaults(words), words.worked]).toEqual([[], []]);
  });
});

describe("a fault", () => {
  test("of a unit, or of what it rests on, is kept and does not stop the others", async () => {
    const words = table({ b: ["setup_failed"] });
    const { told, left } = await run(words, ["a", "b", "?c", "d"]);
    expect(told.map(([unit, word]) => [unit, word === "made"])).toEqual([
      ["a", true],
      ["b", false],
      ["?c", false],
      ["d", true],
    ]);
    expect([openFaults(words).length, left]).toEqual([2, []]);
  });

  test("that may pass is tried again, so often and no more; success resolves it", async () => {
    const retries = { faults: 2, wait_ms: 1 };
    const words = table({
      a: ["engine_gone", "engine_gone"],
      b: ["engine_gone", "engine_gone", "engine_gone"],
    });
    const { told } = await run(words, ["a", "b"], { retries });
    expect(told.toSorted()).toEqual([
      ["a", "made"],
      ["b", "engine_gone"],
    ]);
    expect(openFaults(words)).toEqual(["engine_gone", "engine_gone", "engine_gone"]);
  });

  test("that is asked for again while the call goes on is taken up", async () => {
    const words = table({ a: ["no_image"] });
    addFault(ledger, "r/alpha_task/task1/features_1_2");
    const slow = Promise.withResolvers<void>();
    const told: string[] = [];
    const line = openLine({
      engine: openEngine({
        ...{ ledger, work, retries: { faults: 0, wait_ms: 0 } },
        signal: new AbortController().signal,
        place: {
          name: "slow",
          async work(stage, jobs) {
            if (words.worked.length > 0) await slow.promise;
            return await HERE.work(stage, jobs);
          },
        },
      }),
      stage: words.stage,
      width: 1,
      on_unit: (unit, ended) => told.push(`${unit} ${wordOf(ended)}`),
    });
    line.push("a", "b");
    while (told.length === 0) await Bun.sleep(5);
    await Bun.sleep(5);
    ledger.faults.requeue(ledger.faults.open().map(({ id }) => id));
    // The next heartbeat hears of it.
    while (line.backlog() === 0) await Bun.sleep(5);
    slow.resolve();
    line.close();
    await line.done;
    expect(told).toEqual(["a no_image", "b made", "a made"]);
  });
});

describe("what is left", () => {
  test("is what a gate keeps; finished units are told of all the same", async () => {
    const words = table();
    words.kept.set("a", { rests_on: "A", at: "2026-01-01" });
    const stop = new Fault("model_auth", "no key", { hint: "…" });
    const { told, left, counts } = await run(words, ["a", "b", "c"], { gate: () => stop });
    expect([told, left]).toEqual([[["a", "known"]], ["b", "c"]]);
    expect(counts).toEqual({ units: 3, ended: 1, under_way: 0, left: 2 });
  });

  test("after a drain is what was not begun", async () => {
    const drain = new AbortController();
    const words = table();
    const { told, left } = await run(words, ["a", "b", "c"], {
      drain: drain.signal,
      on_unit: () => drain.abort(),
    });
    expect([told, left, words.worked]).toEqual([[], ["b", "c"], [["a"]]]);
  });

  test("a stage that breaks as a whole ends the engine's other lines too", async () => {
    const words = table();
    const engine = openEngine({
      ...{ ledger, work, retries: { faults: 0, wait_ms: 0 } },
      signal: new AbortController().signal,
    });
    const broken = { ...words.stage, stored: () => [] as never };
    const line = openLine({
      ...{ engine, width: 1, on_unit: () => undefined },
      stage: { ...broken, inputs: async () => [] },
    });
    line.push("a");
    line.close();
    await expect(line.done).rejects.toThrow(RangeError);
    expect(engine.stop.aborted).toBe(true);
  });
});

describe("batches", () => {
  const batch = { most: 2, moment_ms: 5 };
  test("are worked on together, as large as they may be", async () => {
    const words = table();
    await run(words, ["a", "b", "c"], { batch });
    expect(words.worked).toEqual([["a", "b"], ["c"]]);
  });

  test("hold only units that are alike", async () => {
    const words = table();
    await run(words, ["a1", "b1", "a2", "b2"], {
      batch: { ...batch, alike: (unit) => unit.slice(0, 1) },
    });
    expect(words.worked).toEqual([
      ["a1", "a2"],
      ["b1", "b2"],
    ]);
  });

  test("wait for what is asked for within a moment", async () => {
    const words = table();
    const line = lineOf(words, { batch });
    line.push("a");
    line.push("b");
    await Bun.sleep(50);
    line.close();
    await line.done;
    expect(words.worked).toEqual([["a", "b"]]);
  });

  test("begin when what held them is over", async () => {
    let held = true;
    const words = table();
    const line = lineOf(words, { hold: () => held });
    line.push("a");
    line.close();
    await Bun.sleep(20);
    expect([words.worked, line.backlog()]).toEqual([[], 1]);
    held = false;
    line.wake();
    await line.done;
    expect(words.worked).toEqual([["a"]]);
  });
});
