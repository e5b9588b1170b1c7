import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { attemptRecord, NOW } from "../../../db/ledger.fixture.ts";
import { filesOf } from "../../core/artefacts.ts";
import { sha256, writeJson } from "../../core/files.ts";
import { exchangePlace } from "../tree.fixture.ts";
import { contents, type Place, write } from "./write.fixture.ts";

/** A run of ours, with two tries, messages, unknown costs, files in the logs and verdicts. */
function addOurs(place: Place, setting: "coop" | "solo" = "coop"): void {
  const { ledger, log_dir } = place;
  const config = { setting, agent: "mini", model: "replay/demo" };
  ledger.imported.putRun({
    run: "ours",
    ...config,
    agent: "mini",
    config,
    config_hash: sha256("c"),
    tandem_version: "0",
    bun_version: "0",
    git_version: "0",
    dataset_hash: "d",
    edition: null,
    created_at: NOW,
  });
  const parts = [
    { bytes: Buffer.from("-a\r\n+b\n \n"), cost_usd: 0.123456789, cache_read_tokens: 5 },
    { bytes: Buffer.alloc(0), outcome: "limit reached", cost_usd: null, steps: 100 },
  ] as const;
  const agents = setting === "solo" ? [{ ...parts[0], features: [1, 2] }] : parts;
  for (const key of ["ours/demo_task/task1/features_1_2", "ours/demo_task/task1/features_1_2~2"]) {
    const messages = [
      { seq: 1, sender: "agent1", recipient: "agent2", content: "hi\n“there”", sent_at: NOW },
      { seq: 2, sender: "agent2", recipient: "agent1", content: "", sent_at: null },
    ];
    const outcome = setting === "solo" ? "submitted" : "limit reached";
    const record = attemptRecord(key, {
      attempt: { wall_ms: 1234, outcome },
      agents,
      messages: setting === "solo" ? [] : messages,
    });
    ledger.attempts.put([record]);
    for (const { agent_id } of record.agents)
      writeJson(join(log_dir, key, setting === "solo" ? "solo" : agent_id, "trajectory.json"), {
        messages: [{ role: "user", content: agent_id, step: 1 }],
      });
  }
}

describe("ours", () => {
  test.each(["coop", "solo"] as const)(
    "comes back equal in all that they have fields for, %s",
    async (setting) => {
      using place = exchangePlace();
      addOurs(place, setting);
      const units = await write(place, ["ours"]);
      expect(units).toMatchObject([{ problems: [] }, { problems: [] }]);
      using other = exchangePlace();
      await other.read("unused", { dir: place.at("out") });
      const fields = (from: Place, run: string) =>
        from.ledger.attempts
          .select({ run })
          .flatMap(({ attempt_key, agents, ...attempt }) => [
            [
              attempt.started_at,
              attempt.ended_at,
              attempt.wall_ms,
              attempt.outcome,
              attempt.features,
            ],
            ...agents.map(({ steps, input_tokens, output_tokens, cache_read_tokens, ...agent }) => [
              ...[agent.agent_id, agent.features, agent.outcome, agent.patch, agent.cost_usd],
              ...[steps, input_tokens, output_tokens, cache_read_tokens, agent.cache_write_tokens],
            ]),
            ...from.ledger.imported
              .messages(attempt_key)
              .map(({ seq, sender, recipient, content, sent_at }) => [
                seq,
                sender,
                recipient,
                content,
                sent_at,
              ]),
          ]);
      const ours = fields(place, "ours");
      expect(ours.length).toBeGreaterThan(3);
      expect([...fields(other, "ours"), ...fields(other, "ours-try2")]).toEqual(ours);
      expect(other.ledger.runs.find("ours")).toMatchObject({
        setting,
        agent: "mini",
        model: "replay/demo",
        created_at: NOW,
      });
    },
  );

  test("is summed up as the existing system does it", async () => {
    using place = exchangePlace();
    addOurs(place);
    await write(place, ["ours"]);
    const run = contents(place.at("out/ours"));
    const task = "demo_task/1/1,2";
    expect(run["summary.json"]).toMatchObject({
      run_name: "ours",
      total_tasks: 1,
      completed: 1,
      skipped: 0,
      failed: 0,
      total_cost: 0.123456789,
      cost_unknown: 1,
      results: [{ task, status: "done", cost: 0.123456789, cost_unknown: 1 }],
    });
    expect(run["eval_summary.json"]).toMatchObject({
      total_runs: 1,
      passed: 0,
      failed: 0,
      errors: 1,
      pass_rate: 0,
      results: [{ run: task, status: "error" }],
    });
    expect(run["config.json"]).toMatchObject({ agent_framework: "mini", total_tasks: 1 });
    const result = run["coop/demo_task/1/f1_f2/result.json"];
    expect(result).toMatchObject({
      total_cost: 0.123456789,
      cost_unknown: 1,
      total_steps: 103,
      messages_sent: 2,
      duration_seconds: 1.234,
      log_dir: "logs/ours/coop/demo_task/1/f1_f2",
      agents: { agent1: { patch_lines: 3, feature_id: 1 }, agent2: { status: "LimitsExceeded" } },
    });
    // A null there is an error to its readers.
    expect(JSON.stringify(result)).not.toContain('"cost":null');
    expect(existsSync(place.at("out/ours-try2/summary.json"))).toBe(true);
    expect(Object.keys(run).some((path) => path.endsWith("/eval.json"))).toBe(false);
  });

  test("in the documented form is what lies in the logs, and is told where it is not", async () => {
    using place = exchangePlace();
    addOurs(place);
    const units = await write(place, ["ours"], { form: "documented" });
    expect(units.flatMap((unit) => ("problems" in unit ? unit.problems : []))).toEqual([
      "result.json is not in the logs",
      "conversation.json is not in the logs",
      "result.json is not in the logs",
      "conversation.json is not in the logs",
    ]);
    const folder = "demo_task/task1/features_1_2";
    expect(filesOf(place.at("out/ours"))).toEqual(
      [folder, `${folder}~2`]
        .flatMap((pair) =>
          ["agent1", "agent2"].flatMap((id) => [
            `${pair}/${id}/patch.diff`,
            `${pair}/${id}/trajectory.json`,
          ]),
        )
        .concat("run.json"),
    );
  });
});
