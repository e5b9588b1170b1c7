// Owns reports of attempts for tests: two agents that did two steps each, and exchanged a message.
import { attemptKey } from "../core/keys.ts";
import { NO_USAGE } from "../model/model.ts";
import { MINI, pairOf } from "./pair.fixture.ts";
import type { AgentReport, AttemptReport } from "./plan.ts";
import { fillAttempt, type RecordOptions, writeAttempt } from "./record.ts";

export const NOW = "2026-01-02T03:04:05.678Z";
export const OPTIONS: RecordOptions = {
  config: MINI,
  task_hash: "h",
  server: null,
  prices: "a table 1.0",
};
export const BYTES = Uint8Array.from({ length: 256 }, (_, value) => value);

export const step = (number: number, fields: Partial<AgentReport["steps"][number]> = {}) => ({
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

export const agent = (
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
  transcript: [{ role: "user", content: "Build it.", step: 1 }],
  model: undefined,
  commands: [],
  ...fields,
});

export function report(fields: Partial<AttemptReport> = {}): AttemptReport {
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
        acknowledged_at: NOW,
        read_at: NOW,
        read_step: 2,
      },
    ],
    order: ["agent2 send", "agent1 receive 2"],
    mailbox: "in this process",
    started_at: NOW,
    ended_at: NOW,
    wall_ms: 2000,
    ...fields,
  };
}

/** Writes the files of a report where an attempt's go. */
export async function writeReport(log_dir: string, made: AttemptReport, options: RecordOptions) {
  const attempt_key = attemptKey(made.attempt);
  await writeAttempt(log_dir, {
    attempt_key,
    fill: (folder) => fillAttempt(folder, made, options),
  });
}
