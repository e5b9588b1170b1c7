import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../lib/core/testing.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import { openLedger } from "./ledger.ts";
import { mergeRecord, mergeRow, scoreRow } from "./verdicts.fixture.ts";
import type { Claim, WorkUnit } from "./work.ts";

const KEY = "r/alpha_task/task1/features_1_2";
const unit = (fields: Partial<WorkUnit> = {}): WorkUnit => ({
  ...{ unit: KEY, step: "run", run: "r" },
  ...fields,
});
const asker = (owner: string, gone: readonly string[] = [], done: readonly string[] = []) => ({
  owner,
  isGone: (lease: { owner: string }) => gone.includes(lease.owner),
  isDone: (work: WorkUnit) => done.includes(work.unit),
});

function filled() {
  const ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  const events = () =>
    ledger.work.journal().map(({ event, owner }): [string, string | null] => [event, owner]);
  return { ...ledger, events, [Symbol.dispose]: () => ledger.close() };
}

type Event = [event: string, owner: string | null];

describe("a claim", () => {
  type Asked = Parameters<ReturnType<typeof filled>["work"]["claim"]>;
  const CASES: [what: string, asked: Asked[], answers: Claim[][], events: Event[]][] = [
    ["of a free unit", [[[unit()], asker("a")]], [[1]], [["claimed", "a"]]],
    [
      "of what another holds",
      [
        [[unit()], asker("a")],
        [[unit()], asker("b")],
      ],
      [[1], ["held"]],
      [["claimed", "a"]],
    ],
    [
      "of what oneself holds",
      [
        [[unit()], asker("a")],
        [[unit()], asker("a")],
      ],
      [[1], ["held"]],
      [["claimed", "a"]],
    ],
    [
      "of what a gone owner held",
      [
        [[unit()], asker("a")],
        [[unit()], asker("b", ["a"])],
      ],
      [[1], [2]],
      [
        ["claimed", "a"],
        ["lost", "a"],
        ["claimed", "b"],
      ],
    ],
    ["of what is done", [[[unit()], asker("a", [], [KEY])]], [["done"]], []],
    [
      "of what a gone owner held and is done: the lease goes",
      [
        [[unit()], asker("a")],
        [[unit()], asker("b", ["a"], [KEY])],
      ],
      [[1], ["done"]],
      [
        ["claimed", "a"],
        ["lost", "a"],
      ],
    ],
    [
      "of another step or unit is another claim",
      [
        [[unit()], asker("a")],
        [[unit({ step: "eval" }), unit({ unit: `${KEY}~2` }), unit()], asker("b")],
      ],
      [[1], [1, 1, "held"]],
      [
        ["claimed", "a"],
        ["claimed", "b"],
        ["claimed", "b"],
      ],
    ],
  ];
  test.each(CASES)("%s", (_, asked, answers, events) => {
    using ledger = filled();
    expect(asked.map((call) => ledger.work.claim(...call))).toEqual(answers);
    expect(ledger.events()).toEqual(events);
  });

  test("of two processes at once is given to one", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    const two = [openLedger(path), openLedger(path)] as const;
    const units = Array.from({ length: 50 }, (_, index) => unit({ unit: `${KEY}~${index + 2}` }));
    const owned = units.flatMap((one, index) => {
      const [first, second] = index % 2 === 0 ? two : [two[1], two[0]];
      return [
        first.work.claim([one], asker(first === two[0] ? "a" : "b")),
        second.work.claim([one], asker(second === two[0] ? "a" : "b")),
      ].flat();
    });
    expect(owned).toEqual(units.flatMap(() => [1, "held"]));
    expect(two[0].work.leases()).toEqual(two[1].work.leases());
    for (const ledger of two) ledger.close();
  });

  test("that throws half way claims nothing", () => {
    using ledger = filled();
    const bad = {
      ...asker("a"),
      isDone(work: WorkUnit) {
        if (work.unit !== KEY) throw new Error("unreadable");
        return false;
      },
    };
    expect(() => ledger.work.claim([unit(), unit({ unit: "other" })], bad)).toThrow("unreadable");
    expect([ledger.work.leases(), ledger.events()]).toEqual([[], []]);
  });
});

describe("a result", () => {
  type Store = (ledger: ReturnType<typeof filled>, owner: string) => void;
  const STORES: [WorkUnit["step"], Store, table: string][] = [
    ["run", ({ attempts }, owner) => attempts.put([attemptRecord(KEY)], { owner }), "attempts"],
    [
      "merge",
      ({ merges }, owner) => merges.put([mergeRecord([mergeRow(KEY)])], { owner }),
      "merges",
    ],
    [
      "eval",
      ({ scores }, owner) => scores.put(KEY, [scoreRow(KEY)], [], { holder: { owner } }),
      "scores",
    ],
  ];
  const stored = (ledger: ReturnType<typeof filled>, table: string) =>
    ledger.query(`SELECT count(*) AS n FROM ${table}`)[0]?.n;

  test.each(STORES)("of %s ends its lease and is one `done`", (step, store, table) => {
    using ledger = filled();
    if (step !== "run") ledger.attempts.put([attemptRecord(KEY)]);
    ledger.work.claim([unit({ step })], asker("a"));
    store(ledger, "a");
    expect(stored(ledger, table)).toBe(1);
    expect(ledger.work.leases()).toEqual([]);
    expect(ledger.events()).toEqual([
      ["claimed", "a"],
      ["done", "a"],
    ]);
  });

  test.each(STORES)(
    "of %s without its lease is refused, and nothing of it is stored",
    (step, store, table) => {
      using ledger = filled();
      if (step !== "run") ledger.attempts.put([attemptRecord(KEY)]);
      ledger.work.claim([unit({ step })], asker("a"));
      ledger.work.claim([unit({ step })], asker("b", ["a"]));
      const before = stored(ledger, table);
      const storing = () => store(ledger, "a");
      expect(storing).toThrow(expect.objectContaining({ code: "lease_lost" }));
      expect(stored(ledger, table)).toBe(before);
      expect(ledger.work.leases()).toMatchObject([{ owner: "b" }]);
      expect(ledger.events().at(-1)).toEqual(["claimed", "b"]);
    },
  );
});

describe("money", () => {
  const progress = (cost_usd: number | null) => ({
    ...{ doing: "working", cost_usd, tokens: 1, agents: [] },
  });

  test("is counted once, whatever becomes of a unit", () => {
    using ledger = filled();
    addRun(ledger, { run: "other", config_hash: "other" });
    const units = ["", "~2", "~3", "~4", "~5"].map((end) => unit({ unit: `${KEY}${end}` }));
    ledger.work.claim(units, asker("a"));
    ledger.work.beat("a", {
      ...{ state: "running", tokens: 0, models: [] },
      progress: units.map((one, index) => ({ ...one, progress: progress(2 ** index) })),
    });
    const open = () => ledger.runs.spent("r").usd + ledger.work.open(["r"]).usd;
    expect(open()).toBe(31);
    const [done, faulted, stopped, lost] = units;
    if (!done || !faulted || !stopped || !lost) throw new Error("too few units");
    ledger.attempts.put(
      [attemptRecord(done.unit, { agents: [{ cost_usd: 0.25 }, { cost_usd: 0.75 }] })],
      { owner: "a" },
    );
    expect(open()).toBe(31);
    ledger.faults.add({
      ...{ unit: faulted.unit, run: "r", repo: "alpha_task", task_id: 1, features: [1, 2] },
      ...{ try: 2, step: "run", code: "engine_gone", message: "", hint: "", cost_usd: 2 },
      happened_at: "2026-01-01",
    });
    ledger.work.release(faulted, { owner: "a" }, "fault");
    ledger.work.release(stopped, { owner: "a" }, "stopped", { spent: progress(4) });
    expect(open()).toBe(31);
    ledger.work.claim([lost], asker("b", ["a"]));
    expect(open()).toBe(31);
    ledger.superseded.setAside(done.unit, "again");
    expect(open()).toBe(31);
    expect(ledger.work.sweep(({ owner }) => owner === "a")).toBe(1);
    expect([open(), ledger.work.open(["r"]).usd]).toEqual([31, 0]);
    expect(ledger.runs.spent("other").usd).toBe(0);
  });

  test("of an unknown price counts nothing, and stays unknown in the journal", () => {
    using ledger = filled();
    ledger.work.claim([unit()], asker("a"));
    ledger.work.beat("a", {
      ...{ state: "running", tokens: 0, models: [] },
      progress: [{ ...unit(), progress: progress(null) }],
    });
    expect(ledger.work.open(["r"]).usd).toBe(0);
    ledger.work.sweep(() => true);
    expect(ledger.work.journal("r").at(-1)).toMatchObject({ event: "lost", cost_usd: null });
    expect(ledger.runs.spent("r")).toEqual({ usd: 0, unpriced: 1, cut_off: 0 });
  });
});

test("S11: calls whose cost nobody knows are counted once, whatever becomes of their unit; those under way are cut off with it", () => {
  using ledger = filled();
  const progress = {
    ...{ doing: "working", cost_usd: 0.5, unpriced: 1, cut_off: 2, in_flight: 3, tokens: 0 },
    agents: [],
  };
  const units = ["", "~2", "~3"].map((end) => unit({ unit: `${KEY}${end}` }));
  ledger.work.claim(units, asker("a"));
  for (const one of units) ledger.work.say({ ...one, progress }, { owner: "a" });
  ledger.work.say(
    { ...unit(), progress: { ...progress, cost_usd: 9 } },
    { owner: "somebody else" },
  );
  expect(ledger.work.open(["r"])).toEqual({ usd: 1.5, unpriced: 3, cut_off: 6 });
  const [faulted, stopped] = units;
  if (!faulted || !stopped) throw new Error("too few units");
  const fault = {
    ...{ unit: faulted.unit, run: "r", repo: "alpha_task", task_id: 1, features: [1, 2] },
    ...{ try: 1, code: "engine_gone", message: "", hint: "", happened_at: "2026-01-01" },
  };
  ledger.faults.add({ ...fault, step: "run" }, progress);
  ledger.work.release(faulted, { owner: "a" }, "fault");
  ledger.work.release(stopped, { owner: "a" }, "stopped", { spent: progress });
  ledger.work.sweep(() => true);
  expect(ledger.runs.spent("r")).toEqual({ usd: 1.5, unpriced: 3, cut_off: 15 });
  expect(ledger.work.open(["r"])).toEqual({ usd: 0, unpriced: 0, cut_off: 0 });
});

test("a process that begins again is one row, and how many attempts a run plans is its last word", () => {
  using ledger = filled();
  const row = { owner: "a", pid: 1, command: "x" };
  ledger.work.begin(row);
  ledger.work.end("a");
  ledger.work.begin(row);
  expect(ledger.work.processes()).toMatchObject([{ owner: "a", ended_at: null }]);
  expect([ledger.work.heartbeat("a"), ledger.work.heartbeat("b")]).toEqual([
    expect.any(String),
    undefined,
  ]);
  for (const n of [10, 20]) ledger.work.plan("r", n);
  const planned = "SELECT name, value FROM meta WHERE name LIKE 'planned:%'";
  expect(ledger.query(planned)).toEqual([{ name: "planned:r", value: "20" }]);
});
