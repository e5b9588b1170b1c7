// Owns a made-up study for benchmarks of pages: three arms on as many pairs as wanted, with logs as large as agents leave them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRun, attemptRecord } from "../../db/ledger.fixture.ts";
import { type Ledger, openLedger } from "../../db/ledger.ts";
import { inParts } from "../../db/rows.ts";
import * as schema from "../../db/schema.ts";
import { mergeRow, scoreRow, sideRow, suiteRecord } from "../../db/verdicts.fixture.ts";
import { sha256 } from "../../lib/core/files.ts";

const ARMS = [
  { run: "coop", setting: "coop" },
  { run: "coop-git", setting: "coop" },
  { run: "solo", setting: "solo" },
] as const;
const REPOS = 12;
const TASKS = 30;
const STEPS = 26;
/** Characters of a command's output, about; a page cuts what is longer than 6,000. */
const OUTPUT = 2_600;
const START = Date.parse("2026-01-02T03:04:05.678Z");

type Record = ReturnType<typeof attemptRecord>;
type Place = { readonly ledger: Ledger; readonly log_dir: string; readonly pairs: number };

/** Fills the ledger and the logs; gives the number of attempts. The same for the same number of pairs. */
export function fillStudy({ ledger, log_dir, pairs }: Place): number {
  const text = sourceText();
  const records: Record[] = [];
  const merges: ReturnType<typeof mergeOf>[] = [];
  for (const [arm, { run, setting }] of ARMS.entries()) {
    addRun(ledger, { run, setting, model: "provider/model", config: { setting, max_steps: 50 } });
    for (let n = 0; n < pairs; n++) {
      const seed = arm * pairs + n;
      const repo = `repository_${n % REPOS}_task`;
      const first = 1 + Math.floor(n / TASKS);
      const key = `${run}/${repo}/task${n % TASKS}/features_${first}_${first + 1}`;
      const agents = setting === "solo" ? ["agent1"] : ["agent1", "agent2"];
      const record = recordOf(key, { agents, seed, text });
      records.push(record);
      merges.push(mergeOf(record, seed));
      for (const agent of agents)
        writeTrajectory(join(log_dir, key, setting === "solo" ? "solo" : agent), { seed, text });
    }
  }
  store(ledger, records, merges);
  return records.length;
}

/** The program's own source: text as compressible as what agents read. */
function sourceText(): string {
  const folder = join(import.meta.dir, "../../lib");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const code = files.filter((path) => path.endsWith(".ts")).sort();
  return code.map((path) => readFileSync(join(folder, path), "utf8")).join("\n");
}

/** A stretch of the text that a number chooses. */
function stretch(text: string, number: number, length: number): string {
  const from = (number * 7_919 + 104_729 * (number % 97)) % (text.length - length);
  return text.slice(from, from + length);
}

type Made = { readonly agents: readonly string[]; readonly seed: number; readonly text: string };

function recordOf(key: string, { agents, seed, text }: Made): Record {
  const at = (step: number) => new Date(START + step * 9_000).toISOString();
  const talk = agents.length > 1 ? [1, 2, 3, 4, 5, 6] : [];
  return attemptRecord(key, {
    attempt: { wall_ms: STEPS * 9_000 },
    agents: agents.map((_, place) => ({ bytes: patchOf(seed, place, text), steps: STEPS })),
    steps: agents.flatMap((agent_id) =>
      Array.from({ length: STEPS }, (_, step) => ({
        ...{ agent_id, step: step + 1, started_at: at(step), model_ms: 6_000, exec_ms: 900 },
        exit_code: (seed + step) % 9 === 0 ? 1 : 0,
      })),
    ),
    messages: talk.map((seq) => ({
      ...{ seq, sender: `agent${1 + (seq % 2)}`, recipient: `agent${2 - (seq % 2)}` },
      content: `I change the function at line ${10 * seq + (seed % 7)} of src/module${seed % 5}.ts and leave the rest to you.`,
      ...{
        sent_at: at(seq * 3),
        sent_step: seq * 3,
        read_at: at(seq * 3 + 1),
        read_step: seq * 3 + 1,
      },
    })),
  });
}

/** Two files, of which both agents change the first, in a third of the pairs at the same line. */
function patchOf(seed: number, place: number, text: string): Buffer {
  const lines = stretch(text, seed, 9_000).split("\n").slice(1, 120);
  const at = seed % 3 === 0 || place === 0 ? 10 : 40;
  return Buffer.from(
    [`src/module${seed % 5}.ts`, `src/own${place}.ts`]
      .map((path, file) => hunkOf(path, { base: lines, at, mine: `${place}${file}${seed}` }))
      .join(""),
  );
}

function hunkOf(
  path: string,
  { base, at, mine }: { base: readonly string[]; at: number; mine: string },
): string {
  const before = base.slice(at - 3, at).map((line) => ` ${line}\n`);
  const after = base.slice(at + 1, at + 4).map((line) => ` ${line}\n`);
  const added = Array.from({ length: 24 }, (_, n) => `+  const value${n} = made(${mine}, ${n});\n`);
  const body = [...before, `-${base[at]}\n`, ...added, ...after].join("");
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -${at - 2},7 +${at - 2},30 @@\n${body}`;
}

function writeTrajectory(folder: string, { seed, text }: { seed: number; text: string }): void {
  const steps = Array.from({ length: STEPS }, (_, at) => {
    const number = seed * STEPS + at;
    return [
      {
        role: "assistant",
        content: `I look at ${stretch(text, number, 160).replaceAll(/\s+/g, " ")}`,
        tool_calls: [
          { name: "bash", arguments: { command: `sed -n '${at},+40p' src/module${seed % 5}.ts` } },
        ],
        step: at + 1,
      },
      { role: "tool", content: stretch(text, number + 13, OUTPUT), step: at + 1 },
    ];
  });
  const told = { role: "user", content: stretch(text, seed, 4_000), step: null };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "trajectory.json"),
    JSON.stringify({ messages: [told, ...steps.flat()] }),
  );
}

function mergeOf({ attempt, agents }: Record, seed: number) {
  const { attempt_key } = attempt;
  const conflicts = agents.length > 1 && seed % 3 === 0;
  return {
    row: mergeRow(attempt_key, {
      status: conflicts ? "conflicts" : "clean",
      sections: conflicts ? 1 : 0,
    }),
    sides: agents.map(({ agent_id, patch, features }, position) =>
      sideRow(attempt_key, { agent_id, patch, features, position }),
    ),
    passed: !conflicts && seed % 4 !== 1,
  };
}

function store(
  ledger: Ledger,
  records: readonly Record[],
  merges: readonly ReturnType<typeof mergeOf>[],
): void {
  ledger.dataset.keepPatches(records.flatMap(({ patches }) => patches));
  ledger.tables.transaction((tx) => {
    for (const part of inParts(records.map(({ attempt }) => attempt)))
      tx.insert(schema.attempts).values(part).run();
    for (const part of inParts(records.flatMap(({ agents }) => agents)))
      tx.insert(schema.agents).values(part).run();
    for (const part of inParts(records.flatMap(({ steps }) => steps)))
      tx.insert(schema.steps).values(part).run();
    for (const part of inParts(records.flatMap(({ messages }) => messages)))
      tx.insert(schema.messages).values(part).run();
    for (const part of inParts(merges.map(({ row }) => row)))
      tx.insert(schema.merges).values(part).run();
    for (const part of inParts(merges.flatMap(({ sides }) => sides)))
      tx.insert(schema.sides).values(part).run();
    const scores = merges.map(({ row, passed }) =>
      scoreRow(row.attempt_key, {
        ...{ passed, outcome: passed ? "passed" : "failed" },
        cause: passed ? null : row.status === "conflicts" ? "conflict" : "own feature broken",
      }),
    );
    for (const part of inParts(scores)) tx.insert(schema.scores).values(part).run();
  });
  for (const [at, { attempt }] of records.entries()) storeSuites(ledger, attempt, at);
}

function storeSuites(ledger: Ledger, attempt: Record["attempt"], at: number): void {
  const { attempt_key, repo, task_id } = attempt;
  const names = Array.from({ length: 30 }, (_, n) => `tests/feature.test.ts > does what ${n} asks`);
  const rows = attempt.features.map((feature_id, place) => {
    const failed = (at + place) % 3 === 0;
    const suite_key = sha256(`${attempt_key} ${feature_id}`);
    const tests = names.map(
      (name, n) => ({ name, status: failed && n < 3 ? "failed" : "passed" }) as const,
    );
    const bytes = Buffer.from(
      tests.map(({ name, status }) => `(${status}) ${name} [${at} ms]\n`).join(""),
    );
    ledger.scores.putSuite(
      suiteRecord(suite_key, {
        ...{ repo, task_id, feature_id, tests, bytes, outcome: failed ? "failed" : "passed" },
        ...{ passed: failed ? 27 : 30, failed: failed ? 3 : 0 },
      }),
    );
    return { attempt_key, tested: "union", feature_id, suite_key } as const;
  });
  ledger.tables.insert(schema.attemptSuites).values(rows).run();
}

if (import.meta.main) {
  const [folder = "", pairs = "1"] = process.argv.slice(2);
  using ledger = openLedger(join(folder, "ledger.sqlite"));
  fillStudy({ ledger, log_dir: join(folder, "logs"), pairs: Number(pairs) });
}
