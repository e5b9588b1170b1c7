// Owns a long attempt for tests of its page: two agents of a hundred steps each, with edits, tests, failures and messages among them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRun, attemptRecord, NOW } from "../../db/ledger.fixture.ts";
import type { Ledger } from "../../db/ledger.ts";
import {
  mergeRecord,
  mergeRow,
  scoreRow,
  sideRow,
  suiteRecord,
} from "../../db/verdicts.fixture.ts";

export const LONG_KEY = "long/alpha_task/task1/features_1_2";
const STEPS = 100;
const STEP_MS = 9000;
/** Every so many steps of an agent one is of this kind. */
const EVERY = { failed: 10, edit: 6, test: 8, message: 25 } as const;

type Kind = keyof typeof EVERY | "plain";

/** Steps by agent, 1-based, as they are made below. */
export function kindOf(step: number): Kind {
  const kinds = ["message", "failed", "test", "edit"] as const;
  return kinds.find((kind) => step % EVERY[kind] === 0) ?? "plain";
}

export const COMMANDS: Readonly<Record<Kind, (step: number) => string>> = {
  failed: (step) => `cat src/missing_${step}.ts`,
  edit: (step) => `cat > src/part_${step}.ts <<'EOF'\nexport const part = ${step};\nEOF`,
  test: () => "bun test tests/part.test.ts",
  message: (step) => `send_message agent2 "Step ${step}: I only edit src/part_${step}.ts"`,
  plain: (step) => `sed -n 1,${step}p src/index.ts`,
};

/** Stores the attempt, with its trajectories below `log_dir`. */
export function fillLong(ledger: Ledger, log_dir: string): void {
  addRun(ledger, { run: "long" });
  const start = Date.parse(NOW);
  const iso = (ms: number) => new Date(start + ms).toISOString();
  const agents = ["agent1", "agent2"] as const;
  const numbers = Array.from({ length: STEPS }, (_, at) => at + 1);
  const steps = agents.flatMap((agent_id, late) =>
    numbers.map((step) => ({
      ...{ agent_id, step, model_ms: 5000, exec_ms: 2500 + late },
      started_at: iso(step * STEP_MS + late * 1300 - 2000),
      exit_code: kindOf(step) === "failed" ? 1 : 0,
      messages_sent: kindOf(step) === "message" ? 1 : 0,
    })),
  );
  const messages = numbers
    .filter((step) => kindOf(step) === "message")
    .map((step, at) => ({
      ...{ seq: at + 1, sent_step: step, sent_at: iso(step * STEP_MS) },
      sender: agents[at % 2] ?? "agent1",
      recipient: agents[(at + 1) % 2] ?? "agent2",
      content: `Step ${step}: I only edit src/part_${step}.ts. Please leave src/index.ts to me.`,
      ...{ read_at: iso((step + 1) * STEP_MS), read_step: step + 1 },
    }));
  const wall_ms = (STEPS + 1) * STEP_MS;
  ledger.attempts.put([attemptRecord(LONG_KEY, { attempt: { wall_ms }, steps, messages })]);
  judge(ledger);
  for (const agent of agents) writeTrajectory(join(log_dir, LONG_KEY, agent), agent, numbers);
}

function judge(ledger: Ledger): void {
  const sides = ["agent1", "agent2"].map((agent_id, position) => {
    const left_out = position === 0 ? [{ path: "tests/part.test.ts", rule: "tests" }] : [];
    const patch = ledger.pages.attempt(LONG_KEY)?.agents[position]?.patch ?? "";
    return sideRow(LONG_KEY, { agent_id, position, patch, left_out });
  });
  ledger.merges.put([mergeRecord([mergeRow(LONG_KEY)], { sides })]);
  for (const feature_id of [1, 2])
    ledger.scores.putSuite(
      suiteRecord(`long-${feature_id}`, {
        ...{ feature_id, outcome: feature_id === 1 ? "passed" : "failed", passed: 4 },
        tests: [{ name: "adds parts", status: feature_id === 1 ? "passed" : "failed" }],
        bytes: Buffer.from(
          "error: expect(received).toBe(expected)\n      at <anonymous> (/workspace/repo/tests/part.test.ts:7:5)\n(fail) adds parts [1ms]\n",
        ),
      }),
    );
  const own = { attempt_key: LONG_KEY, tested: "naive" } as const;
  ledger.scores.put(
    LONG_KEY,
    [scoreRow(LONG_KEY, { outcome: "failed", passed: false, cause: "broken by merging" })],
    [1, 2].map((feature_id) => ({ ...own, feature_id, suite_key: `long-${feature_id}` })),
  );
}

function writeTrajectory(folder: string, agent: string, numbers: readonly number[]): void {
  mkdirSync(folder, { recursive: true });
  const messages = [
    { role: "system", content: `You are ${agent}.`, step: 1 },
    ...numbers.flatMap((step) => {
      const kind = kindOf(step);
      const status = kind === "failed" ? 1 : 0;
      const lines = Array.from(
        { length: 60 },
        (_, at) => `line ${at + 1} of step ${step} of ${agent}`,
      );
      return [
        {
          ...{
            role: "assistant",
            step,
            content: `Step ${step}: a thought about what is next, as agents have it.`,
          },
          tool_calls: [
            { id: String(step), name: "bash", arguments: { command: COMMANDS[kind](step) } },
          ],
        },
        {
          role: "tool",
          tool_call_id: String(step),
          step,
          content: `[exit status ${status}]\n${lines.join("\n")}`,
        },
      ];
    }),
  ];
  writeFileSync(join(folder, "trajectory.json"), JSON.stringify({ messages }));
}
