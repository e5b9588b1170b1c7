// Owns the cases of keeping an attempt: the rows, the files, and that the files are all there or not at all.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../files.ts";
import { NO_USAGE } from "../model/model.ts";
import { temporaryFolder } from "../testing.ts";
import type { AgentReport, AttemptReport } from "./attempt.ts";
import { CONFIG, MINI, pairOf } from "./pair.fixture.ts";
import { attemptRecord, writeAttempt } from "./record.ts";

const NOW = "2026-01-02T03:04:05.678Z";
const BYTES = Uint8Array.from({ length: 256 }, (_, value) => value);

const step = (number: number, fields: Partial<AgentReport["steps"][number]> = {}) => ({
  ...NO_USAGE,
  input_tokens: 10,
  output_tokens: 1,
  step: number,
  started_at: NOW,
  model_ms: 100,
  exec_ms: 20,
  commands: 1,
  exit_code: 0,
  messages_sent: 0,
  messages_received: 0,
  cost_usd: 0.25,
  ...fields,
});

const agent = (
  agent_id: string,
  feature: number,
  fields: Partial<AgentReport> = {},
): AgentReport => ({
  agent_id,
  features: [feature],
  wall_ms: 1234,
  patch: BYTES,
  patch_source: "patch.txt",
  outcome: "submitted",
  limit_reached: null,
  steps: [step(1, { messages_sent: 2 }), step(2)],
  transcript: [{ role: "user", content: "Build it.", at: NOW, step: 1 }],
  ...fields,
});

function report(fields: Partial<AttemptReport> = {}): AttemptReport {
  return {
    attempt: { ...pairOf(1, 2), run: "r", try: 1 },
    agents: [agent("agent1", 1), agent("agent2", 2, { patch: Buffer.from("two\n") })],
    messages: [
      {
        seq: 1,
        sender: "agent2",
        recipient: "agent1",
        content: "hi\nthere",
        sent_at: NOW,
        sent_step: 1,
        read_at: NOW,
        read_step: 2,
      },
    ],
    started_at: NOW,
    ended_at: NOW,
    wall_ms: 2000,
    ...fields,
  };
}

describe("rows", () => {
  test("hold sums, hashes and features", () => {
    const record = attemptRecord(report(), "task-hash");
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
    ["limit reached", "empty patch", "empty patch"],
  ];
  test.each(OUTCOMES)("%s and %s are %s", (one, other, both) => {
    const agents = [agent("agent1", 1, { outcome: one }), agent("agent2", 2, { outcome: other })];
    expect(attemptRecord(report({ agents }), "h").attempt.outcome).toBe(both as typeof one);
  });

  const COSTS: [costs: (number | null)[], sum: number | null][] = [
    [[], 0],
    [[0.5, 0.25], 0.75],
    [[0.5, null], null],
    [[null, null], null],
  ];
  test.each(COSTS)("the costs %j are %j together", (costs, sum) => {
    const steps = costs.map((cost_usd, index) => step(index + 1, { cost_usd }));
    const record = attemptRecord(report({ agents: [agent("agent1", 1, { steps })] }), "h");
    expect(record.agents[0]?.cost_usd).toBe(sum);
  });
});

describe("files", () => {
  const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
  const files = (folder: string) => (readdirSync(folder, { recursive: true }) as string[]).sort();

  test("of a coop attempt: a folder an agent, the patch byte for byte", async () => {
    using folder = temporaryFolder();
    await writeAttempt(folder.path, report(), MINI);
    const place = join(folder.path, "r/demo_task/task1/features_1_2");
    expect(files(place)).toEqual([
      "agent1",
      "agent1/patch.diff",
      "agent1/trajectory.json",
      "agent2",
      "agent2/patch.diff",
      "agent2/trajectory.json",
      "conversation.json",
      "result.json",
    ]);
    expect(Buffer.compare(readFileSync(join(place, "agent1/patch.diff")), BYTES)).toBe(0);
    expect(readJson(join(place, "result.json"))).toEqual({
      repo: "demo_task",
      task_id: 1,
      features: [1, 2],
      setting: "coop",
      run_name: "r",
      try: 1,
      agent: "mini",
      model: "replay/test",
      outcome: "submitted",
      started_at: NOW,
      ended_at: NOW,
      wall_ms: 2000,
      messages_sent: 1,
      agents: { agent1: expect.any(Object), agent2: expect.any(Object) },
    });
    expect(readJson(join(place, "result.json"))).toMatchObject({
      agents: {
        agent1: {
          features: [1],
          outcome: "submitted",
          limit_reached: null,
          patch_source: "patch.txt",
          patch_sha256: sha256(BYTES),
          steps: 2,
          cost_usd: 0.5,
          input_tokens: 20,
          reasoning_tokens: 0,
          wall_ms: 1234,
        },
      },
    });
    expect(readJson(join(place, "agent2/trajectory.json"))).toMatchObject({
      repo: "demo_task",
      task_id: 1,
      features: [2],
      agent_id: "agent2",
      agent: "mini",
      model: "replay/test",
      outcome: "submitted",
      patch_source: "patch.txt",
      steps: 2,
      messages: [{ role: "user", content: "Build it.", at: NOW, step: 1 }],
    });
    expect(readJson(join(place, "conversation.json"))).toEqual([
      {
        from: "agent2",
        to: "agent1",
        message: "hi\nthere",
        timestamp: NOW,
        feature_id: 2,
        sent_step: 1,
        read_at: NOW,
        read_step: 2,
      },
    ]);
  });

  test("of a solo attempt stand in one folder, and of a repeat under their own key", async () => {
    using folder = temporaryFolder();
    const solo = report({
      attempt: { ...pairOf(1, 2), run: "r", try: 2 },
      agents: [agent("agent1", 1, { features: [1, 2] })],
      messages: [],
    });
    await writeAttempt(folder.path, solo, { ...CONFIG, setting: "solo" });
    const place = join(folder.path, "r/demo_task/task1/features_1_2~2");
    expect(files(place)).toEqual([
      "conversation.json",
      "result.json",
      "solo",
      "solo/patch.diff",
      "solo/trajectory.json",
    ]);
    expect(readJson(join(place, "result.json"))).toMatchObject({
      setting: "solo",
      try: 2,
      agents: { agent1: { features: [1, 2] } },
    });
    expect(readJson(join(place, "conversation.json"))).toEqual([]);
  });

  test("replace the earlier attempt as a whole, its merge and verdict too", async () => {
    using folder = temporaryFolder();
    const place = join(folder.path, "r/demo_task/task1/features_1_2");
    mkdirSync(join(place, "agent3"), { recursive: true });
    for (const old of ["eval.json", "merge.json", "agent3/patch.diff"])
      writeFileSync(join(place, old), "old");
    await writeAttempt(folder.path, report(), MINI);
    for (const old of ["eval.json", "merge.json", "agent3"])
      expect(existsSync(join(place, old))).toBe(false);
  });

  test("of a failed writing are not there at all, and the earlier ones stay", async () => {
    using folder = temporaryFolder();
    await writeAttempt(folder.path, report(), MINI);
    const place = join(folder.path, "r/demo_task/task1/features_1_2");
    const before = readFileSync(join(place, "result.json"));
    // JSON has no form for this number: the second agent's file cannot be written.
    const tool_calls = [{ id: "x", name: "bash", arguments: { number: 1n } }];
    const transcript = [{ role: "assistant", content: "", tool_calls, at: NOW, step: 1 }] as const;
    const broken = report({ agents: [agent("agent1", 1), agent("agent2", 2, { transcript })] });
    await expect(writeAttempt(folder.path, broken, MINI)).rejects.toThrow();
    expect(readFileSync(join(place, "result.json"))).toEqual(before);
    expect(readdirSync(join(folder.path, ".tmp"))).toEqual([]);
  });
});
