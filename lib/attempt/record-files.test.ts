import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { CONFIG, pairOf } from "./pair.fixture.ts";
import { agent, BYTES, NOW, OPTIONS, report, writeReport } from "./record.fixture.ts";
import { readRecorded } from "./recorded.ts";

describe("files", () => {
  const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
  const files = (folder: string) => (readdirSync(folder, { recursive: true }) as string[]).sort();

  test("of a coop attempt: a folder an agent, the patch byte for byte", async () => {
    using folder = temporaryFolder();
    await writeReport(folder.path, report(), OPTIONS);
    const place = join(folder.path, "r/demo_task/task1/features_1_2");
    expect(files(place)).toEqual([
      "agent1",
      "agent1/patch.diff",
      "agent1/trajectory.json",
      "agent2",
      "agent2/patch.diff",
      "agent2/trajectory.json",
      "conversation.json",
      "order.json",
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
      mailbox: "in this process",
      git: false,
      max_steps_per_agent: 20,
      max_steps_in_all: 40,
      prices: "a table 1.0",
      replay_of: null,
      diverged: null,
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
      outcome: "submitted",
      patch_source: "patch.txt",
      steps: 2,
      messages: [{ role: "user", content: "Build it.", step: 1 }],
    });
    expect(readJson(join(place, "conversation.json"))).toEqual([
      {
        from: "agent2",
        to: "agent1",
        message: "hi\nthere",
        timestamp: NOW,
        feature_id: 2,
        sent_step: 1,
        acknowledged_at: NOW,
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
    await writeReport(folder.path, solo, { ...OPTIONS, config: { ...CONFIG, setting: "solo" } });
    const place = join(folder.path, "r/demo_task/task1/features_1_2~2");
    expect(files(place)).toEqual([
      "conversation.json",
      "order.json",
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
    await writeReport(folder.path, report(), OPTIONS);
    for (const old of ["eval.json", "merge.json", "agent3"])
      expect(existsSync(join(place, old))).toBe(false);
  });

  test("of commands and fetches come back for a replay; a damaged one is a fault that names it", async () => {
    using folder = temporaryFolder();
    const output = Uint8Array.from([0, 255, 10]);
    const command = {
      exit_code: 1,
      timed_out: false,
      oom_killed: false,
      dropped_bytes: 0,
      output: Buffer.from(output),
    };
    const ran = { ...command, command: "cat x", step: 1, duration_ms: 7 };
    const fetches = [{ agent2: 0 }, { agent2: 3 }];
    const agents = [agent("agent1", 1, { commands: [ran], fetches }), agent("agent2", 2)];
    await writeReport(folder.path, report({ agents }), OPTIONS);
    const { attempt } = report();
    expect(readRecorded(folder.path, CONFIG, attempt)).toEqual({
      order: ["agent2 send", "agent1 receive 2"],
      commands: new Map([
        ["agent2", []],
        ["agent1", [command]],
      ]),
      fetches: new Map([
        ["agent2", []],
        ["agent1", fetches],
      ]),
    });
    const place = join(folder.path, "r/demo_task/task1/features_1_2");
    for (const damaged of ["agent1/fetches.json", "order.json"]) {
      for (const text of ["[{", '[{"agent2":-1}]', '{"agent2":1}']) {
        writeFileSync(join(place, damaged), text);
        expect(() => readRecorded(folder.path, CONFIG, attempt)).toThrow(
          expect.objectContaining({
            code: "bad_file",
            message: `${join(place, damaged)} is damaged`,
          }),
        );
      }
    }
  });

  test("of a failed writing are not there at all, and the earlier ones stay", async () => {
    using folder = temporaryFolder();
    await writeReport(folder.path, report(), OPTIONS);
    const place = join(folder.path, "r/demo_task/task1/features_1_2");
    const before = readFileSync(join(place, "result.json"));
    // JSON has no form for this number: the second agent's file cannot be written.
    const tool_calls = [{ id: "x", name: "bash", arguments: { number: 1n } }];
    const transcript = [{ role: "assistant", content: "", tool_calls, step: 1 }] as const;
    const broken = report({ agents: [agent("agent1", 1), agent("agent2", 2, { transcript })] });
    await expect(writeReport(folder.path, broken, OPTIONS)).rejects.toThrow();
    expect(readFileSync(join(place, "result.json"))).toEqual(before);
    expect(readdirSync(join(folder.path, ".tmp"))).toEqual([]);
  });
});
