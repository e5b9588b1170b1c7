// Owns a study for a test that plays a researcher: one pair that coop lost and solo won, by a promise that was broken, in 200 steps.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type AttemptParts,
  addRun,
  asPatch,
  attemptRecord,
  indexedTask,
} from "../db/ledger.fixture.ts";
import type { Ledger } from "../db/ledger.ts";
import { mergeRecord, mergeRow, scoreRow, sideRow, suiteRecord } from "../db/verdicts.fixture.ts";
import { thisOwner } from "../lib/core/owner.ts";

export const STUDY = "which";
export const COOP = `${STUDY}-coop`;
export const SOLO = `${STUDY}-solo`;
/** The pair that coop lost and solo won. */
export const LOST = "alpha_task/task1/features_1_3";
/** A pair that is still being worked on in the coop arm. */
export const UNDER_WAY = "alpha_task/task1/features_2_3";
/** The step of agent2 that edits what it had promised to leave alone. */
export const BROKEN_STEP = 120;
const STEPS = 200;
/** Steps of agent2 whose command fails. */
export const FAILED_STEPS = [25, 50, 75, 100, 125, 150, 175, 200] as const;

const T0 = Date.parse("2026-01-02T03:04:05.000Z");
const at = (step: number) => new Date(T0 + step * 1000).toISOString();

/** Fills a new ledger, and the logs of the attempts that have trajectories. */
export function fillStudy(ledger: Ledger, log_dir: string): void {
  ledger.dataset.index("dataset", "v1", [indexedTask("alpha_task", 1, { features: [1, 2, 3] })]);
  for (const [run, setting] of [
    [COOP, "coop"],
    [SOLO, "solo"],
  ] as const)
    addRun(ledger, { run, setting, model: "lab/m1", config: { setting, max_steps: 250 } });
  ledger.runs.setStudy(STUDY, [COOP, SOLO]);
  lostByCoop(ledger, log_dir);
  wonBySolo(ledger, log_dir);
  for (const run of [COOP, SOLO]) passedBy(ledger, `${run}/alpha_task/task1/features_1_2`);
  work(ledger, "agent1: bun test");
}

function passedBy(ledger: Ledger, key: string): void {
  ledger.attempts.put([attemptRecord(key, { agents: key.startsWith(SOLO) ? [{}] : [{}, {}] })]);
  if (key.startsWith(COOP)) ledger.merges.put([mergeRecord([mergeRow(key), unionRow(key)])]);
  ledger.scores.put(key, [scoreRow(key, key.startsWith(SOLO) ? { path: "solo" } : {})], []);
}

const unionRow = (key: string) => mergeRow(key, { strategy: "union" });

const PARSE_BY_1 = patch("src/parse.ts", 1, [
  " export function parse(text: string): Line[] {",
  '-  return text.split("\\n").map(lineOf);',
  '+  return text.split("\\n").map((line) => lineOf(line, { notes: true }));',
  " }",
]);
const PARSE_BY_2 = patch("src/parse.ts", 1, [
  " export function parse(text: string): Line[] {",
  '-  return text.split("\\n").map(lineOf);',
  '+  return text.split("\\n").filter(Boolean).map(lineOf);',
  " }",
]);
const UNITS_BY_2 = patch("src/units.ts", 3, [
  ' const UNITS = ["g", "kg",',
  '-  "l"];',
  '+  "l", "ml"];',
  " export default UNITS;",
]);

function patch(path: string, line: number, lines: readonly string[]): string {
  const range = `${line},3`;
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -${range} +${range} @@\n${lines.join("\n")}\n`;
}

const PLAN =
  "I change src/parse.ts for the notes, and nothing else. Please leave src/parse.ts to me.";
const PROMISE = "Fine. I will not touch src/parse.ts; I only edit src/units.ts.";

function lostByCoop(ledger: Ledger, log_dir: string): void {
  const key = `${COOP}/${LOST}`;
  const bytes = [PARSE_BY_1, `${PARSE_BY_2}${UNITS_BY_2}`].map((text) => Buffer.from(text));
  const failing = new Set<number>(FAILED_STEPS);
  const record: AttemptParts = {
    attempt: { started_at: at(0), ended_at: at(STEPS + 1), wall_ms: (STEPS + 1) * 1000 },
    agents: [
      { bytes: bytes[0] ?? Buffer.alloc(0), steps: 3, messages_sent: 1 },
      { bytes: bytes[1] ?? Buffer.alloc(0), steps: STEPS, messages_sent: 1 },
    ],
    steps: [
      ...[1, 2, 3].map((step) => ({ agent_id: "agent1", step })),
      ...numbers(STEPS).map((step) => ({ agent_id: "agent2", step })),
    ].map(({ agent_id, step }) => ({
      ...{ agent_id, step, started_at: at(step), model_ms: 600, exec_ms: 100 },
      exit_code: agent_id === "agent2" && failing.has(step) ? 1 : 0,
      messages_sent: Number(step === (agent_id === "agent1" ? 1 : 2)),
      messages_received: Number(step === (agent_id === "agent1" ? 3 : 2)),
    })),
    messages: [
      { ...sent(1, "agent1", 1, PLAN), recipient: "agent2", read_at: at(2), read_step: 2 },
      { ...sent(2, "agent2", 2, PROMISE), recipient: "agent1", read_at: at(3), read_step: 3 },
    ],
  };
  ledger.attempts.put([attemptRecord(key, record)]);
  const sides = bytes.map((side, position) =>
    sideRow(key, {
      ...{ agent_id: `agent${position + 1}`, position, features: [position === 0 ? 1 : 3] },
      ...{ patch: asPatch(side).hash, tree: `tree of agent${position + 1}` },
    }),
  );
  const merges = [
    mergeRow(key, { status: "conflicts", sections: 1, files: 1, lines: 4, score: 28 }),
    unionRow(key),
  ];
  ledger.merges.put([mergeRecord(merges, { sides, patches: bytes.map(asPatch) })]);
  suite(ledger, "notes, alone", 1);
  suite(ledger, "notes, merged", 1, { name: "keeps the note of a line", status: "failed" });
  suite(ledger, "units, merged", 3);
  const conflict = { policy: "naive", outcome: "conflict", path: null, passed: false } as const;
  const lost = {
    outcome: "failed",
    path: "union",
    passed: false,
    cause: "broken by merging",
  } as const;
  ledger.scores.put(
    key,
    [scoreRow(key, { ...conflict, cause: "conflict" }), scoreRow(key, lost)],
    [
      { attempt_key: key, tested: "alone", feature_id: 1, suite_key: "notes, alone" },
      { attempt_key: key, tested: "union", feature_id: 1, suite_key: "notes, merged" },
      { attempt_key: key, tested: "union", feature_id: 3, suite_key: "units, merged" },
    ],
  );
  writeTrajectory(join(log_dir, key, "agent1"), turnsOfFirst());
  writeTrajectory(join(log_dir, key, "agent2"), turnsOfSecond(failing));
}

function sent(seq: number, sender: string, step: number, content: string) {
  return { seq, sender, content, sent_at: at(step), sent_step: step };
}

function suite(
  ledger: Ledger,
  key: string,
  feature_id: number,
  failing?: { name: string; status: string },
): void {
  const passed = { name: `feature ${feature_id} as it is described`, status: "passed" };
  const tests = failing === undefined ? [passed] : [passed, failing];
  const output = tests
    .map(({ name, status }) => `(${status === "passed" ? "pass" : "fail"}) ${name}\n`)
    .join("");
  ledger.scores.putSuite(
    suiteRecord(key, {
      ...{ feature_id, tests, bytes: Buffer.from(output), outcome: failing ? "failed" : "passed" },
      ...{ exit_code: failing ? 1 : 0, passed: 1, failed: failing ? 1 : 0 },
    }),
  );
}

function wonBySolo(ledger: Ledger, log_dir: string): void {
  const key = `${SOLO}/${LOST}`;
  const bytes = Buffer.from(`${PARSE_BY_1}${UNITS_BY_2}`);
  ledger.attempts.put([
    attemptRecord(key, {
      agents: [{ bytes, features: [1, 3], steps: 2 }],
      steps: [1, 2].map((step) => ({ agent_id: "agent1", step, started_at: at(step) })),
    }),
  ]);
  suite(ledger, "notes, solo", 1);
  suite(ledger, "units, solo", 3);
  ledger.scores.put(
    key,
    [scoreRow(key, { path: "solo" })],
    [
      { attempt_key: key, tested: "union", feature_id: 1, suite_key: "notes, solo" },
      { attempt_key: key, tested: "union", feature_id: 3, suite_key: "units, solo" },
    ],
  );
  writeTrajectory(join(log_dir, key, "agent1"), [
    ...told("both features"),
    ...turn(1, "cat > src/parse.ts <<'EOF'\nexport const parse = 1;\nEOF", "[exit status 0]\n"),
    ...turn(2, "bun test", "[exit status 0]\n12 pass\n"),
  ]);
}

const WORK = { unit: `${COOP}/${UNDER_WAY}`, step: "run", run: COOP } as const;

/** This process works on an attempt, and says at what. */
export function work(ledger: Ledger, doing: string): void {
  const owner = thisOwner();
  const agents = [
    { agent_id: "agent1", steps: 4 },
    { agent_id: "agent2", steps: 3 },
  ];
  ledger.work.begin({ owner, pid: process.pid, command: "pipeline" });
  ledger.work.claim([WORK], { owner, isGone: () => false, isDone: () => false });
  ledger.work.beat(owner, {
    ...{ state: "running", tokens: 12_000, models: [], runs: [COOP, SOLO], concurrency: 2 },
    progress: [{ ...WORK, progress: { doing, agents, tokens: 12_000, cost_usd: 0.02 } }],
  });
}

type Turn = { readonly role: string; readonly step: number; readonly [field: string]: unknown };

function turnsOfFirst(): Turn[] {
  return [
    ...told("feature 1: notes"),
    ...turn(
      1,
      `cat src/parse.ts\nsend_message agent2 <<'MSG'\n${PLAN}\nMSG`,
      "[exit status 0]\nexport function parse\n",
    ),
    ...turn(2, "cat > src/parse.ts <<'EOF'\nexport const parse = 1;\nEOF", "[exit status 0]\n"),
    { role: "user", content: `[Message from agent2]: ${PROMISE}`, step: 3 },
    ...turn(3, "bun test", "[exit status 0]\n9 pass\n"),
  ];
}

function turnsOfSecond(failing: ReadonlySet<number>): Turn[] {
  return [
    ...told("feature 3: units"),
    ...numbers(STEPS).flatMap((step) => [
      ...(step === 2 ? [{ role: "user", content: `[Message from agent1]: ${PLAN}`, step }] : []),
      ...turn(step, commandAt(step, failing), outputAt(step, failing)),
    ]),
  ];
}

function commandAt(step: number, failing: ReadonlySet<number>): string {
  if (step === 2) return `send_message agent1 <<'MSG'\n${PROMISE}\nMSG`;
  if (step === BROKEN_STEP) return "cat > src/parse.ts <<'EOF'\nexport const parse = 2;\nEOF";
  if (failing.has(step)) return "bun test tests/units.test.ts";
  return step % 10 === 0
    ? "cat > src/units.ts <<'EOF'\nexport default [];\nEOF"
    : `sed -n '${step}p' src/units.ts`;
}

function outputAt(step: number, failing: ReadonlySet<number>): string {
  if (failing.has(step)) return `[exit status 1]\n(fail) reads 5 ml at step ${step}\n`;
  return `[exit status 0]\nline ${step}\n`;
}

const numbers = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

function told(task: string): Turn[] {
  return [
    { role: "system", content: "You are a software engineer working in a shell.", step: 1 },
    { role: "user", content: `Implement ${task}.`, step: 1 },
  ];
}

function turn(step: number, command: string, output: string): Turn[] {
  const id = `call_${step}`;
  return [
    {
      ...{ role: "assistant", content: `Step ${step}.`, step },
      tool_calls: [{ id, name: "bash", arguments: { command } }],
    },
    { role: "tool", tool_call_id: id, content: output, step },
  ];
}

function writeTrajectory(folder: string, messages: readonly Turn[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "trajectory.json"), JSON.stringify({ messages }));
}
