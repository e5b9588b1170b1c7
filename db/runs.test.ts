// Owns the cases of runs: a name is bound once to its configuration.
import { expect, test } from "bun:test";
import { addRun, memoryLedger } from "./ledger.fixture.ts";

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
