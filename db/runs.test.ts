import { expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import { addFault } from "./verdicts.fixture.ts";

test("the first configuration under a name stays, and put says which one that is", () => {
  using ledger = memoryLedger();
  const config = { setting: "coop", limits: { steps: 100 }, note: 'quotes " and ü' };
  const first = addRun(ledger, { run: "r", config, model: null });
  expect(first).toMatchObject({ run: "r", config, model: null });
  expect(addRun(ledger, { run: "r", config: {}, setting: "solo" })).toEqual(first);
  expect(ledger.runs.find("r")).toEqual(first);
});

test("an unknown run is undefined, and names are told apart by case", () => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  expect(ledger.runs.find("R")).toBeUndefined();
  expect(ledger.runs.find("")).toBeUndefined();
});

test("all runs come oldest first, then by name", () => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "c", created_at: "2026-01-01T00:00:00.000Z" });
  addRun(ledger, { run: "b", created_at: "2025-01-01T00:00:00.000Z" });
  addRun(ledger, { run: "a", created_at: "2026-01-01T00:00:00.000Z" });
  expect(ledger.runs.all().map(({ run }) => run)).toEqual(["b", "a", "c"]);
});

test("a run has cost what its agents and its faults have cost, and what is unknown is counted", () => {
  using ledger = memoryLedger();
  const key = (run: string, pair: string) => `${run}/alpha_task/task1/features_${pair}`;
  for (const run of ["r", "other"]) {
    addRun(ledger, { run });
    const agents = [{ cost_usd: 1.5 }, { cost_usd: run === "r" ? 0.25 : 7 }];
    ledger.attempts.put([attemptRecord(key(run, "1_2"), { agents })]);
  }
  ledger.attempts.put([
    attemptRecord(key("r", "1_3"), { agents: [{ cost_usd: null }, { cost_usd: 0.5 }] }),
  ]);
  for (const cost_usd of [2, null]) addFault(ledger, key("r", "1_4"), { cost_usd });
  addFault(ledger, key("other", "1_4"), { cost_usd: 40 });
  expect(ledger.runs.spent("r")).toEqual({ usd: 4.25, unpriced: 2, cut_off: 0 });
  expect(ledger.runs.spent("new")).toEqual({ usd: 0, unpriced: 0, cut_off: 0 });
});

test("S11: of an agent that made calls of unknown cost, the others are known, and cut off ones are told from unpriced ones", () => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  const key = "r/alpha_task/task1/features_1_2";
  ledger.attempts.put([
    attemptRecord(key, {
      agents: [
        { cost_usd: null, known_usd: 0.75, cut_off: 1, dearest_usd: 0.5 },
        { cost_usd: null, known_usd: 2, unpriced: 1, dearest_usd: 2 },
      ],
    }),
  ]);
  const spent = { usd: 2.75, unpriced: 1, cut_off: 1 };
  expect(ledger.runs.spent("r")).toEqual(spent);
  expect(ledger.runs.dearest_usd("r")).toBe(2);
  expect(ledger.outcomes.rows("union")).toMatchObject([{ cost_usd: null, known_usd: 2.75 }]);
  ledger.superseded.setAside(key, "again");
  expect(ledger.runs.spent("r")).toEqual(spent);
});
