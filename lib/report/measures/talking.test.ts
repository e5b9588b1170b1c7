import { afterAll, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "../../../db/ledger.fixture.ts";
import { talkLines } from "./talking.ts";

const ledger = memoryLedger();
afterAll(() => ledger.close());
const at = (run: string, features: string) => `${run}/alpha_task/task1/features_${features}`;
const NOTHING = {
  ...{ input_tokens: 0, output_tokens: 0, cost_usd: 0, steps: 0, model_ms: 0 },
} as const;

for (const run of ["coop", "idle", "imported"]) addRun(ledger, { run });
addRun(ledger, { run: "solo", setting: "solo" });
ledger.attempts.put([
  // Ten actions: eight commands (two of which send), a send without a command, and a message read.
  attemptRecord(at("coop", "1_2"), {
    agents: [{ cost_usd: 1 }, { cost_usd: 1 }],
    steps: [
      { agent_id: "agent1", step: 1, commands: 1, messages_sent: 1, cost_usd: 0.25 },
      { agent_id: "agent1", step: 2, commands: 5 },
      { agent_id: "agent2", step: 1, commands: 0, messages_sent: 1, cost_usd: 0.125 },
      { agent_id: "agent2", step: 2, commands: 2, messages_sent: 1, messages_received: 1 },
    ],
    messages: [1, 2, 3].map((seq) => ({ seq, sender: "agent1" })),
  }),
  attemptRecord(at("coop", "1_3"), {
    agents: [{ cost_usd: null }, {}],
    steps: [{ agent_id: "agent1", step: 1, commands: 4 }],
  }),
  attemptRecord(at("idle", "1_2"), { agents: [NOTHING, NOTHING] }),
  attemptRecord(at("imported", "1_2"), {
    agents: [{ steps: 7 }, { steps: null }],
    messages: [{ seq: 1, sender: "agent1" }],
  }),
  // A program that counts no steps, and sent a message: what else it did is unknown.
  attemptRecord(at("imported", "1_3"), {
    agents: [NOTHING, NOTHING],
    messages: [{ seq: 1, sender: "agent1" }],
  }),
  attemptRecord(at("solo", "1_2"), { agents: [{}] }),
]);

const runs = ["coop", "idle", "imported", "solo"];
const lines = new Map(talkLines(ledger, { runs }).map((row) => [row.run, row]));

test("overhead is messages sent and read over all actions", () => {
  expect(lines.get("coop")).toMatchObject({
    ...{ attempts: 2, unknown_attempts: 0, silent_attempts: 1, messages: 3 },
    ...{ sends: 3, receives: 1, actions: 14, overhead: 4 / 14 },
    ...{ overhead_q1: 0.1, overhead_median: 0.2, overhead_q3: 0.30000000000000004 },
  });
});

test("tokens and dollars are those of the steps that talk, beside all that was used", () => {
  expect(lines.get("coop")).toMatchObject({
    ...{ talk_steps: 3, talk_tokens: 330, talk_token_share: 330 / 440 },
    ...{ talk_cost_usd: 0.875, talk_cost_share: null },
  });
  const one = talkLines(ledger, { runs, only: [at("coop", "1_2")] });
  expect(one).toMatchObject([{ attempts: 1, actions: 10, overhead: 0.4, talk_cost_share: 0.4375 }]);
});

test("nothing done is nothing, and has no overhead", () => {
  expect(lines.get("idle")).toMatchObject({
    unknown_attempts: 0,
    silent_attempts: 1,
    actions: 0,
    overhead: null,
  });
});

test("what nobody wrote down is unknown", () => {
  expect(lines.get("imported")).toMatchObject({
    ...{ attempts: 2, unknown_attempts: 2, silent_attempts: 0, messages: 2 },
    ...{ sends: null, actions: null, overhead: null, talk_tokens: null, talk_cost_usd: null },
  });
});

test("solo runs have nobody to talk to", () => {
  expect([...lines.keys()]).toEqual(["coop", "idle", "imported"]);
});
