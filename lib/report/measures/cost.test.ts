import { afterAll, describe, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger, NOW } from "../../../db/ledger.fixture.ts";
import { costLines } from "./cost.ts";

const ledger = memoryLedger();
afterAll(() => ledger.close());
const at = (run: string, features: string) => `${run}/alpha_task/task1/features_${features}`;
for (const run of ["coop", "imported"]) addRun(ledger, { run });

const USED = { input_tokens: 100, output_tokens: 10, cache_read_tokens: 5, reasoning_tokens: 4 };
ledger.attempts.put([
  attemptRecord(at("coop", "1_2"), {
    attempt: { wall_ms: 2000, prices: "table of May" },
    agents: [
      { ...USED, cost_usd: 1, steps: 4, model_ms: 300, wall_ms: 1500 },
      { ...USED, cost_usd: 3, steps: 6, model_ms: 500, wall_ms: 1900 },
    ],
    calls: [
      { agent_id: "agent1", seq: 1, latency_ms: 100 },
      {
        agent_id: "agent1",
        seq: 2,
        purpose: "summary",
        latency_ms: 50,
        cost_usd: 0.25,
        input_tokens: 7,
      },
      {
        agent_id: "agent1",
        seq: 3,
        purpose: "summary",
        latency_ms: 30,
        cost_usd: 0.25,
        input_tokens: 7,
      },
    ],
  }),
  attemptRecord(at("coop", "1_3"), {
    attempt: { wall_ms: 4000, prices: "table of June" },
    agents: [
      { ...USED, cost_usd: null },
      { ...USED, cost_usd: 2 },
    ],
  }),
  attemptRecord(at("imported", "1_2"), {
    attempt: { wall_ms: 0 },
    agents: [
      { input_tokens: null, cost_usd: null, steps: null, model_ms: null, wall_ms: null },
      { steps: 5 },
    ],
  }),
]);
ledger.imported.put([
  {
    ...{
      attempt_key: at("imported", "1_2"),
      source: "logs",
      form: "released",
      content_sha256: "h",
    },
    ...{ passed: null, merge_status: null, strategy: null, evaluated_at: null, imported_at: NOW },
    ...{ files: {}, problems: [] },
  },
]);

const rows = costLines(ledger, { runs: ["coop", "imported"] });
const line = (run: string, unit: string, measure: string) =>
  rows.find((row) => row.run === run && row.unit === unit && row.measure === measure);

describe("a run", () => {
  const cases: [unit: string, measure: string, expected: Record<string, unknown>][] = [
    [
      "agent",
      "cost_usd",
      { known_values: 3, unknown_values: 1, q1: 1.5, median: 2, q3: 2.5, mean: 2, total: 6 },
    ],
    [
      "attempt",
      "cost_usd",
      { known_values: 1, unknown_values: 1, median: 4, prices: "table of June; table of May" },
    ],
    [
      "agent",
      "tokens",
      { known_values: 4, median: 115, total: 460, measured_in: "tokens", prices: null },
    ],
    ["attempt", "tokens", { known_values: 2, median: 230, total: 460 }],
    ["attempt", "cache_read_tokens", { median: 10 }],
    ["attempt", "reasoning_tokens", { total: 16 }],
    ["agent", "steps", { known_values: 4, median: 3.5, total: 16, measured_in: "calls" }],
    ["agent", "wall_ms", { known_values: 4, q1: 900, total: 5200 }],
    ["attempt", "wall_ms", { known_values: 2, median: 3000, total: 6000, measured_in: "ms" }],
    // 300 and 500 of steps, 80 of two summaries, and 200 twice of the other attempt.
    ["attempt", "model_ms", { known_values: 2, q1: 520, median: 640, q3: 760, total: 1280 }],
    ["agent", "summaries", { known_values: 4, mean: 0.5, total: 2 }],
    ["attempt", "summary_tokens", { total: 16 }],
    [
      "attempt",
      "summary_cost_usd",
      { known_values: 2, total: 0.5, prices: "table of June; table of May" },
    ],
  ];
  test.each(cases)("%s %s", (unit, measure, expected) => {
    expect(line("coop", unit, measure)).toMatchObject({ setting: "coop", ...expected });
  });

  test("has no line for caches of which all is 0", () => {
    expect(line("coop", "agent", "cache_write_tokens")).toBeUndefined();
  });
});

test("of an imported attempt what nobody knows is unknown, its summaries and its time too", () => {
  const unknown = (unit: string, measure: string) =>
    line("imported", unit, measure)?.unknown_values;
  expect(unknown("agent", "steps")).toBe(1);
  for (const measure of ["cost_usd", "tokens", "steps", "wall_ms", "model_ms", "summaries"])
    expect([measure, unknown("attempt", measure)]).toEqual([measure, 1]);
  expect(line("imported", "attempt", "cost_usd")).toMatchObject({
    known_values: 0,
    median: null,
    prices: "",
  });
});

test("of no runs there is nothing", () => {
  expect(costLines(ledger, { runs: [] })).toEqual([]);
  expect(costLines(ledger, { runs: ["coop"], only: [] })).toEqual([]);
});
