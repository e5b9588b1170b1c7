import { describe, expect, test } from "bun:test";
import { sha256 } from "../core/files.ts";
import { meteredModel } from "../model/metered.ts";
import { NO_USAGE } from "../model/model.ts";
import { MINI } from "./pair.fixture.ts";
import type { AgentReport } from "./plan.ts";
import { agent, BYTES, OPTIONS, report, step } from "./record.fixture.ts";
import { attemptRecord } from "./record.ts";

describe("rows", () => {
  test("hold sums, hashes and features", () => {
    const record = attemptRecord(report(), { ...OPTIONS, task_hash: "task-hash" });
    expect(record.attempt).toMatchObject({
      attempt_key: "r/demo_task/task1/features_1_2",
      pair_key: "demo_task/task1/features_1_2",
      features: [1, 2],
      task_hash: "task-hash",
      outcome: "submitted",
      wall_ms: 2000,
    });
    expect(record.agents).toMatchObject([
      {
        agent_id: "agent1",
        position: 0,
        features: [1],
        patch: sha256(BYTES),
        steps: 2,
        messages_sent: 2,
        input_tokens: 20,
        model_ms: 200,
        cost_usd: 0.5,
      },
      { agent_id: "agent2", position: 1, features: [2], patch: sha256("two\n") },
    ]);
    expect(record.steps.map(({ agent_id, step: n }) => `${agent_id} ${n}`)).toEqual([
      "agent1 1",
      "agent1 2",
      "agent2 1",
      "agent2 2",
    ]);
    expect(record.patches[0]?.bytes).toEqual(BYTES);
    expect(record.messages).toMatchObject([{ seq: 1, sender: "agent2", read_step: 2 }]);
  });

  const OUTCOMES: [one: AgentReport["outcome"], other: AgentReport["outcome"], both: string][] = [
    ["submitted", "submitted", "submitted"],
    ["submitted", "limit reached", "limit reached"],
    ["empty patch", "submitted", "empty patch"],
    ["patch too large", "submitted", "patch too large"],
    ["limit reached", "patch too large", "patch too large"],
    ["limit reached", "empty patch", "empty patch"],
    ["refused", "submitted", "refused"],
    ["limit reached", "refused", "refused"],
    ["refused", "patch too large", "patch too large"],
  ];
  test.each(OUTCOMES)("%s and %s are %s", (one, other, both) => {
    const agents = [agent("agent1", 1, { outcome: one }), agent("agent2", 2, { outcome: other })];
    expect(attemptRecord(report({ agents }), OPTIONS).attempt.outcome).toBe(both as typeof one);
  });

  const COSTS: [costs: (number | null)[], sum: number | null][] = [
    [[], 0],
    [[0.5, 0.25], 0.75],
    [[0.5, null], null],
    [[null, null], null],
  ];
  test.each(COSTS)("the costs %j are %j together", (costs, sum) => {
    const steps = costs.map((cost_usd, index) => step(index + 1, { cost_usd }));
    const record = attemptRecord(report({ agents: [agent("agent1", 1, { steps })] }), OPTIONS);
    expect(record.agents[0]?.cost_usd).toBe(sum);
  });

  test("of commands that a program ran itself have what it told of them", () => {
    const program_commands = [
      { step: 1, command: "ls", exit_code: null },
      { step: 1, command: `x${"ü".repeat(40_000)}`, exit_code: 2 },
    ];
    const agents = [agent("agent1", 1, { program_commands })];
    const attempt_key = "r/demo_task/task1/features_1_2";
    const same = { attempt_key, agent_id: "agent1", step: 1 };
    expect(attemptRecord(report({ agents }), OPTIONS).program_commands).toEqual([
      { ...same, seq: 1, command: "ls", size_bytes: 2, exit_code: null },
      { ...same, seq: 2, command: `x${"ü".repeat(32_767)}`, size_bytes: 80_001, exit_code: 2 },
    ]);
  });

  test("of commands have their texts, of a long one the whole characters of the first 64 KiB", () => {
    const ran = {
      ...{ exit_code: 1, timed_out: true, oom_killed: false, dropped_bytes: 0 },
      ...{ output: Buffer.from("x"), step: 2, duration_ms: 7.4 },
    };
    const long = `x${"ü".repeat(40_000)}`;
    const commands = [
      { ...ran, command: "ls" },
      { ...ran, step: null, command: long },
    ];
    const agents = [agent("agent1", 1), agent("agent2", 2, { commands })];
    const rows = attemptRecord(report({ agents }), OPTIONS).commands;
    const attempt_key = "r/demo_task/task1/features_1_2";
    const same = { attempt_key, agent_id: "agent2", exit_code: 1, timed_out: true, duration_ms: 7 };
    expect(rows).toEqual([
      { ...same, seq: 1, step: 2, command: "ls", size_bytes: 2 },
      { ...same, seq: 2, step: null, command: `x${"ü".repeat(32_767)}`, size_bytes: 80_001 },
    ]);
  });

  test("of an agent with a model are its calls, summaries too, and its sums are theirs", async () => {
    const model = await asked(["step", "summary"]);
    const record = attemptRecord(report({ agents: [agent("agent1", 1, { model })] }), OPTIONS);
    expect(record.calls).toMatchObject([
      { agent_id: "agent1", seq: 1, purpose: "step", cost_usd: 2, input_tokens: 7 },
      { agent_id: "agent1", seq: 2, purpose: "summary", cost_usd: 2, input_tokens: 7 },
    ]);
    expect(record.agents[0]).toMatchObject({ cost_usd: 4, input_tokens: 14, steps: 2 });
    expect(record.attempt).toMatchObject({
      prices: "a table 1.0",
      replay_of: null,
      diverged: null,
    });
  });

  test("of a replay tell what it repeats, and where it went another way", async () => {
    const divergence = { agent_id: "agent1", seq: 3, what: "turn 4 differs" };
    const model = { ...(await asked(["step"])), divergence };
    const config = { ...MINI, replay_of: "first" };
    const replay = report({ agents: [agent("agent1", 1, { model })] });
    expect(attemptRecord(replay, { ...OPTIONS, config }).attempt).toMatchObject({
      replay_of: "first",
      diverged: "agent1, call 3: turn 4 differs",
    });
  });
});

/** A model that was asked for these purposes; each answer cost 2 dollars. */
async function asked(purposes: readonly ("step" | "summary")[]) {
  const model = meteredModel({
    name: "m",
    options: {},
    divergence: () => undefined,
    on_call: () => undefined,
    ask: async () => ({
      paid_usd: 2,
      waited_ms: 0,
      answered: {
        answer: { text: "hello", tool_calls: [], stop_reason: "stop" },
        usage: { ...NO_USAGE, input_tokens: 7 },
        cost_usd: 2,
        latency_ms: 1,
        retries: 0,
        source: "provider",
        response_model: null,
      },
    }),
  });
  for (const purpose of purposes)
    await model.complete({ turns: [], tools: [], purpose }, new AbortController().signal);
  return model;
}
