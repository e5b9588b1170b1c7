import { afterAll, describe, expect, test } from "bun:test";
import { addRun, attemptRecord, indexedTask, memoryLedger } from "./ledger.fixture.ts";
import { addFault, mergeRecord, mergeRow, sideRow } from "./verdicts.fixture.ts";

const ledger = memoryLedger();
afterAll(() => ledger.close());
const at = (run: string, features: string) => `${run}/alpha_task/task1/features_${features}`;
ledger.dataset.index("dataset", "v1", [indexedTask("alpha_task", 1, { features: [1, 2, 3] })]);
ledger.dataset.setGold([
  { pair_key: "alpha_task/task1/features_1_2", naive: "conflicts", union: "clean" },
]);
for (const [run, agent] of [
  ["one", "mini"],
  ["two", "mini"],
  ["gold", "gold"],
] as const)
  addRun(ledger, { run, agent });
addRun(ledger, { run: "solo", setting: "solo" });
const keys = [
  ...[at("one", "1_2"), at("one", "1_3"), at("one", "1_2_3"), at("two", "1_2")],
  ...[at("gold", "1_2"), at("gold", "1_3")],
];
ledger.attempts.put(
  keys.map((key) =>
    attemptRecord(key, {
      calls: [
        { agent_id: "agent1", seq: 1, purpose: "summary", latency_ms: 5, cost_usd: null },
        { agent_id: "agent1", seq: 2 },
      ],
      messages: [
        { seq: 2, sender: "agent2" },
        { seq: 1, sender: "agent1" },
      ],
    }),
  ),
);
ledger.attempts.put([attemptRecord(at("solo", "1_2"), { agents: [{}] })]);
ledger.merges.put(
  keys.map((key) => {
    const rows = [mergeRow(key), mergeRow(key, { strategy: "union" })];
    const patch = { hash: `patch of ${key}`, bytes: Buffer.from(key) };
    const sides = [1, 0].map((position) =>
      sideRow(key, { agent_id: `agent${position + 1}`, position, patch: patch.hash }),
    );
    return mergeRecord(rows, { sides, patches: [patch] });
  }),
);
addFault(ledger, at("one", "2_3"));
addFault(ledger, at("one", "1_2"), { resolved_at: "2026-01-03" });
addFault(ledger, at("solo", "1_3"));

describe("a scope", () => {
  const scopes: [what: string, scope: { runs: string[]; only?: string[] }, found: string[]][] = [
    ["is the attempts of runs", { runs: ["two", "one"] }, keys.slice(0, 4)],
    [
      "leaves solo out, where there is no merge and no partner",
      { runs: ["solo", "two"] },
      [at("two", "1_2")],
    ],
    [
      "is narrowed to keys",
      { runs: ["one", "two"], only: [at("one", "1_3"), "x"] },
      [at("one", "1_3")],
    ],
    ["takes no key of another run", { runs: ["one"], only: [at("two", "1_2")] }, []],
    ["is empty without runs", { runs: [] }, []],
    ["with no key has no attempt", { runs: ["one"], only: [] }, []],
  ];
  const { measures } = ledger;
  test.each(scopes)("%s", (_, scope, found) => {
    const keysOf = (rows: Iterable<{ attempt_key: string }>) =>
      [...new Set([...rows].map(({ attempt_key }) => attempt_key))].sort();
    const expected = [...found].sort();
    expect(keysOf(measures.anatomies(scope).filter(({ fault }) => fault === 0))).toEqual(expected);
    expect(keysOf(measures.coupled(scope))).toEqual(expected);
    expect(keysOf(measures.talk(scope))).toEqual(expected);
    expect(keysOf(measures.said(scope))).toEqual(expected);
    const isCoop = ({ setting }: { setting: string }) => setting === "coop";
    expect(keysOf(measures.spent(scope).filter(isCoop))).toEqual(expected);
  });
});

test("an attempt that a fault prevents is there without a merge, one that overcame it with", () => {
  const rows = ledger.measures.anatomies({ runs: ["one"] });
  expect(rows).toHaveLength(4);
  expect(rows.filter(({ fault }) => fault === 1)).toEqual([
    expect.objectContaining({ attempt_key: at("one", "2_3"), repo: "alpha_task", status: null }),
  ]);
  expect(ledger.measures.anatomies({ runs: ["solo"] })).toEqual([]);
});

test("a reference merge is the dataset's, else that of a gold run, else unknown", () => {
  const rows = ledger.measures.coupled({ runs: ["one"] });
  expect(rows).toMatchObject([
    { attempt_key: at("one", "1_2"), gold_status: "conflicts", file_jaccard: 0.5 },
    { attempt_key: at("one", "1_2_3"), gold_status: null, file_jaccard: null },
    { attempt_key: at("one", "1_3"), gold_status: "clean", file_jaccard: 0.5 },
  ]);
});

test("summaries are added to the time of steps, and a price unknown in one is unknown", () => {
  const [first, second] = ledger.measures.spent({ runs: ["two"] });
  expect(first).toMatchObject({
    model_ms: 205,
    summaries: 1,
    summary_tokens: 2,
    summary_cost_usd: null,
  });
  expect(second).toMatchObject({
    model_ms: 200,
    summaries: 0,
    summary_tokens: 0,
    summary_cost_usd: 0,
  });
});

test("messages come in the mailbox's order, patches in the agents'", () => {
  const said = [...ledger.measures.said({ runs: ["two"] })];
  expect(said.map(({ seq, sender }) => [seq, sender])).toEqual([
    [1, "agent1"],
    [2, "agent2"],
  ]);
  expect(said[0]).toMatchObject({ run: "two", imported: 0, status: "clean" });
  expect(ledger.measures.sidePatches(at("two", "1_2"))).toHaveLength(2);
  expect(ledger.measures.sidePatches("nothing")).toEqual([]);
});
