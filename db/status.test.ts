import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger, NOW } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import { journal, superseded } from "./schema.ts";
import { addFault, mergeRecord, mergeRow, scoreRow } from "./verdicts.fixture.ts";

setDefaultTimeout(60_000);

const at = (pair: string, run = "one") => `${run}/alpha_task/task1/features_${pair}`;
const priced = (...costs: (number | null)[]) => ({
  agents: costs.map((cost_usd) => ({ cost_usd })),
});

/** Two runs: of `one` four attempts, three merged, two evaluated of which one broke since; `two` has one that is free. */
function filled(): Ledger {
  const ledger = memoryLedger();
  addRun(ledger, { run: "one" });
  addRun(ledger, { run: "two", setting: "solo", model: null });
  addRun(ledger, { run: "empty", created_at: "2026-02-01T00:00:00.000Z" });
  ledger.attempts.put([
    attemptRecord(at("1_2"), priced(0.25, 0.5)),
    attemptRecord(at("1_3"), priced(1, null)),
    attemptRecord(at("1_4"), priced(1, 1)),
    attemptRecord(at("1_5"), priced(0, 0)),
    attemptRecord(at("1_2", "two"), priced(0)),
  ]);
  ledger.merges.put(
    ["1_2", "1_3", "1_4"].map((pair) =>
      mergeRecord([mergeRow(at(pair)), mergeRow(at(pair), { strategy: "union" })]),
    ),
  );
  ledger.scores.put(at("1_2"), [scoreRow(at("1_2")), scoreRow(at("1_2"), { policy: "naive" })], []);
  ledger.scores.put(at("1_3"), [scoreRow(at("1_3"), { passed: false, outcome: "failed" })], []);
  ledger.scores.put(at("1_4"), [scoreRow(at("1_4"))], []);
  addFault(ledger, at("1_4"), { step: "eval", code: "engine_gone", cost_usd: 0 });
  addFault(ledger, at("2_3"), { code: "no_image", cost_usd: 0.1 });
  addFault(ledger, at("2_3"), { code: "disk_full", cost_usd: 0.2 });
  addFault(ledger, at("1_2"), { code: "no_image", cost_usd: 0.05, resolved_at: NOW });
  return ledger;
}

const event = (fields: Partial<typeof journal.$inferInsert>) => ({
  at: NOW,
  run: "one",
  unit: at("1_2"),
  step: "run" as const,
  event: "done" as const,
  cost_usd: 0,
  ...fields,
});

describe("counts", () => {
  test("are by run, in the order of their making, without what broke since", () => {
    using ledger = filled();
    const about = { setting: "coop", agent: "mini", model: "replay/demo" } as const;
    const none = { done: 0, merged: 0, evaluated: 0, passed: 0 };
    expect(ledger.status.counts(undefined)).toEqual([
      { run: "one", ...about, done: 4, merged: 3, evaluated: 2, passed: 1 },
      { run: "two", ...about, setting: "solo", model: null, ...none, done: 1 },
      { run: "empty", ...about, ...none },
    ]);
    expect(ledger.status.counts(["two"]).map(({ run, done }) => [run, done])).toEqual([["two", 1]]);
    expect(ledger.status.counts(["nobody's"])).toEqual([]);
  });

  test("of open faults have one row a unit, with the last one's code", () => {
    using ledger = filled();
    const open = [
      { run: "one", unit: at("1_4"), code: "engine_gone" },
      { run: "one", unit: at("2_3"), code: "disk_full" },
    ];
    expect(ledger.status.openFaults(undefined)).toEqual(open);
    expect(ledger.status.openFaults(["one"])).toEqual(open);
    expect(ledger.status.openFaults(["two"])).toEqual([]);
  });

  test("of finished units are by run and step, and begin at a moment", () => {
    using ledger = filled();
    const rows = [
      event({ at: "2026-01-02T00:00:00.000Z" }),
      event({ at: "2026-01-02T01:00:00.000Z" }),
      event({ at: "2026-01-02T02:00:00.000Z", step: "eval" }),
      event({ at: "2026-01-02T02:00:00.000Z", run: "two" }),
      event({ at: "2026-01-02T02:00:00.000Z", event: "claimed" }),
    ];
    ledger.tables.insert(journal).values(rows).run();
    const since = (moment: string, runs?: string[]) =>
      ledger.status.doneSince(moment, runs).map(({ run, step, units }) => [run, step, units]);
    expect(since("2026-01-02T01:00:00.000Z").sort()).toEqual([
      ["one", "eval", 1],
      ["one", "run", 1],
      ["two", "run", 1],
    ]);
    expect(since("2026-01-01T00:00:00.000Z", ["one"]).sort()).toEqual([
      ["one", "eval", 1],
      ["one", "run", 2],
    ]);
  });
});

describe("what runs have cost", () => {
  const SUPERSEDED = {
    attempt_key: at("1_2"),
    run: "one",
    generation: 1,
    reason: "requeued",
    outcome: "submitted",
    cost_usd: 8,
    started_at: NOW,
    ended_at: NOW,
    superseded_at: NOW,
    folder: "folder",
    rows: Buffer.from(""),
  };
  const cases: [title: string, add: (ledger: Ledger) => void, usd: number, unpriced: number][] = [
    ["is attempts and faults", () => undefined, 4.1, 1],
    [
      "and superseded attempts",
      (ledger) => ledger.tables.insert(superseded).values(SUPERSEDED).run(),
      12.1,
      1,
    ],
    [
      "of which a price may be unknown",
      (ledger) =>
        ledger.tables
          .insert(superseded)
          .values({ ...SUPERSEDED, cost_usd: null })
          .run(),
      4.1,
      2,
    ],
    [
      "and stopped and lost tries",
      (ledger) =>
        ledger.tables
          .insert(journal)
          .values([
            event({ event: "stopped", cost_usd: 16 }),
            event({ event: "lost", cost_usd: 32 }),
            event({ event: "lost", cost_usd: null }),
          ])
          .run(),
      52.1,
      2,
    ],
    [
      "but no other events",
      (ledger) =>
        ledger.tables
          .insert(journal)
          .values([event({ cost_usd: 64 }), event({ event: "fault", cost_usd: null })])
          .run(),
      4.1,
      1,
    ],
  ];
  test.each(cases)("%s", (_, add, usd, unpriced) => {
    using ledger = filled();
    add(ledger);
    for (const runs of [undefined, ["one"], ["one", "two"]]) {
      const [one] = ledger.status.spent(runs).filter(({ run }) => run === "one");
      expect(one).toEqual({ run: "one", usd: expect.closeTo(usd, 9), unpriced });
    }
    expect(ledger.status.spent(["two"])).toEqual([{ run: "two", usd: 0, unpriced: 0 }]);
  });
});
