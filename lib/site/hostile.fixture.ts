// Owns a ledger with logs in which every text that others wrote tries to become a part of the page.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRun, asPatch, attemptRecord } from "../../db/ledger.fixture.ts";
import type { Ledger } from "../../db/ledger.ts";
import { fill } from "../../db/queries/filled.fixture.ts";
import {
  addFault,
  mergeRecord,
  mergeRow,
  scoreRow,
  sideRow,
  suiteRecord,
} from "../../db/verdicts.fixture.ts";

/** Breaks out of text, of both kinds of attributes, of scripts, styles, comments and drawings; with terminal and bidi tricks. */
export const HOSTILE = `</script></style></title></textarea>--><script>window.pwned=1</script><img src=x onerror="window.pwned=1">" onmouseover='window.pwned=1' ' </svg><a href="javascript:window.pwned=1">&lt;\u001b[31m\u202etxt\u0000`;
export const HOSTILE_RUN = `<script>window.pwned=1</script>`;
const KEY = "hostile/alpha_task/task1/features_1_2";

/** One well-named attempt and one whose very key is hostile, beside the runs of the small filled ledger. */
export function fillHostile(ledger: Ledger, log_dir: string): { key: string; odd: string } {
  fill(ledger);
  addRun(ledger, {
    run: "hostile",
    agent: HOSTILE,
    model: HOSTILE,
    config: { max_steps: 5, backend: HOSTILE },
    tandem_version: HOSTILE,
  });
  addRun(ledger, { run: HOSTILE_RUN });
  const bytes = Buffer.from(
    `diff --git a/a${HOSTILE} b/b\n--- a/a${HOSTILE}\n+++ b/b${HOSTILE}\n@@ -1 +1 @@ ${HOSTILE}\n-${HOSTILE}\n+${HOSTILE}\n`,
  );
  const record = attemptRecord(KEY, {
    attempt: { wall_ms: 4000, diverged: HOSTILE, replay_of: HOSTILE, prices: HOSTILE },
    agents: [{ bytes }, { bytes, limit_reached: HOSTILE }],
    steps: [
      { agent_id: "agent1", step: 1, exit_code: 1 },
      { agent_id: "agent2", step: 1 },
    ],
    messages: [
      {
        seq: 1,
        sender: "agent1",
        content: HOSTILE,
        read_at: "2026-01-02T03:04:06.678Z",
        read_step: 1,
      },
      { seq: 2, sender: HOSTILE, recipient: HOSTILE, content: HOSTILE },
    ],
  });
  const odd = `${HOSTILE_RUN}/../../../x`;
  const other = attemptRecord("other/alpha_task/task1/features_1_2");
  const renamed = {
    ...other,
    attempt: {
      ...other.attempt,
      attempt_key: odd,
      run: HOSTILE_RUN,
      repo: HOSTILE,
      pair_key: HOSTILE,
    },
    agents: other.agents.map((agent) => ({
      ...agent,
      attempt_key: odd,
      agent_id: `${HOSTILE}${agent.position}`,
    })),
  };
  ledger.attempts.put([record, renamed]);
  ledger.merges.put([
    mergeRecord(
      [
        mergeRow(KEY, {
          status: "conflicts",
          reason: HOSTILE,
          severity: HOSTILE,
          conflict_at: 2,
          sections: 1,
        }),
      ],
      {
        sides: ["agent1", "agent2"].map((agent_id, position) =>
          sideRow(KEY, {
            agent_id,
            position,
            patch: asPatch(bytes).hash,
            reason: HOSTILE,
            repairs: [HOSTILE],
            left_out: [{ path: HOSTILE, rule: HOSTILE }],
          }),
        ),
        patches: [asPatch(bytes)],
      },
    ),
  ]);
  ledger.scores.putSuite(
    suiteRecord("hostile", {
      environment: HOSTILE,
      tree: HOSTILE,
      outcome: "failed",
      tests: [{ name: HOSTILE, status: HOSTILE }],
      bytes: Buffer.from(HOSTILE),
    }),
  );
  ledger.scores.put(
    KEY,
    [scoreRow(KEY, { outcome: "failed", passed: false })],
    [{ attempt_key: KEY, tested: "naive", feature_id: 1, suite_key: "hostile" }],
  );
  addFault(ledger, KEY, { message: HOSTILE, hint: HOSTILE, cause: HOSTILE });
  writeTrajectory(join(log_dir, KEY, "agent1"));
  return { key: KEY, odd };
}

function writeTrajectory(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const messages = [
    { role: "system", content: HOSTILE, step: 1 },
    { role: HOSTILE, content: HOSTILE, step: 1 },
    {
      role: "assistant",
      content: HOSTILE,
      tool_calls: [{ id: "1", name: HOSTILE, arguments: { command: HOSTILE } }],
      step: 1,
    },
    { role: "tool", tool_call_id: "1", content: HOSTILE.repeat(200), step: 1 },
  ];
  writeFileSync(join(folder, "trajectory.json"), JSON.stringify({ messages }));
}
