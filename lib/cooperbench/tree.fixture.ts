// Owns logs trees of the existing system for tests: every form, written by hand, and a place to import them into.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { temporaryFolder } from "../core/testing.ts";
import { demoFile } from "../sandbox/task.fixture.ts";
import { type ImportRequest, type ImportUnit, importLogs } from "./import/import.ts";

/** Bytes, text, or a value to be written as JSON. */
export type Content = Uint8Array | string | { readonly json: unknown };
export type Tree = Readonly<Record<string, Content>>;

export function writeTree(root: string, tree: Tree): void {
  for (const [path, content] of Object.entries(tree)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    const plain = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(file, plain ? content : `${JSON.stringify(content.json, null, 2)}\n`);
  }
}

/** The same tree, below a folder. */
export function under(folder: string, tree: Tree): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([path, content]) => [`${folder}/${path}`, content]),
  );
}

/** A patch of the demo task's own. */
export const goldPatch = (feature: number) =>
  Buffer.from(demoFile(`feature${feature}/feature.patch`));

const about = (features: readonly number[]) => ({ repo: "demo_task", task_id: 1, features });

/** A conversation with a model, as 0.0.14 keeps it. */
export const MESSAGES = [
  { role: "system", content: "You are one of two." },
  { role: "user", content: [{ type: "text", text: "Build it." }] },
  {
    role: "assistant",
    content: "I look.",
    tool_calls: [
      { id: "c1", type: "function", function: { name: "bash", arguments: '{"command":"ls"}' } },
    ],
    timestamp: 1_760_000_001.5,
    extra: { cost: 0.01 },
  },
  { role: "tool", tool_call_id: "c1", content: "README.md" },
  { role: "assistant", content: null },
];

/** What 0.0.14 leaves of a coop pair, with times in seconds. */
export function coopPair(features: readonly [number, number]) {
  const [first, second] = features;
  const agent = (feature_id: number, steps: number) => ({
    feature_id,
    status: "Submitted",
    cost: 0.125 * feature_id,
    steps,
    input_tokens: 1000 * feature_id,
    output_tokens: 100,
    cache_read_tokens: 7,
    cache_write_tokens: 0,
    patch_lines: 12,
    error: null,
  });
  const trajectory = (feature_id: number, agent_id: string) => ({
    repo: "demo_task",
    task_id: 1,
    feature_id,
    agent_id,
    model: "gemini/flash",
    status: "Submitted",
    cost: 0.125 * feature_id,
    steps: 2,
    messages: MESSAGES,
  });
  const evaluated = (feature_id: number) => ({
    feature_id,
    passed: true,
    exit_code: 0,
    tests_passed: 3,
    tests_failed: 0,
    test_output: `${feature_id}: 3 passed\n`,
  });
  return {
    "result.json": {
      json: {
        ...about(features),
        setting: "coop",
        run_id: "0badcafe",
        run_name: "their-run",
        agent_framework: "mini_swe_agent",
        model: "gemini/flash",
        started_at: "2026-01-31T12:00:00.123456",
        ended_at: "2026-01-31T12:01:30.623456",
        duration_seconds: 90.5,
        agents: { agent1: agent(first, 4), agent2: agent(second, 5) },
        total_cost: 0.125 * (first + second),
        total_steps: 9,
        messages_sent: 2,
        log_dir: "logs/their-run/coop/demo_task/1",
      },
    },
    "conversation.json": {
      json: [
        {
          from: "agent1",
          to: "agent2",
          message: "Which lines?\nMine: 1–9",
          timestamp: 1_760_000_000.25,
          feature_id: first,
        },
        {
          from: "agent2",
          to: "agent1",
          message: "After 10.",
          timestamp: 1_760_000_002,
          feature_id: second,
        },
      ],
    },
    [`agent${first}.patch`]: goldPatch(first),
    [`agent${second}.patch`]: goldPatch(second),
    [`agent${first}_traj.json`]: { json: trajectory(first, "agent1") },
    [`agent${second}_traj.json`]: { json: trajectory(second, "agent2") },
    "agent1_full_traj.json": {
      json: {
        info: { exit_status: "Submitted" },
        trajectory_format: "mini-swe-agent-1",
        messages: [{ role: "user", content: "all of it" }],
        segments: [{ kind: "summarizer", messages: [{ role: "user", content: "sum up" }] }],
      },
    },
    "eval.json": {
      json: {
        ...about(features),
        setting: "coop",
        apply_status: { agent1: "applied", agent2: "applied" },
        merge: { status: "clean", strategy: "naive", diff: "diff --git a/x b/x\n" },
        feature1: evaluated(first),
        feature2: evaluated(second),
        both_passed: true,
        error: null,
        evaluated_at: "2026-01-31T13:00:00.000001",
      },
    },
  } satisfies Tree;
}

/** What 0.0.14 leaves of a solo pair. */
export function soloPair(features: readonly [number, number], patch: Content = goldPatch(1)) {
  const status = { status: "LimitsExceeded", cost: 1.5, steps: 100 };
  return {
    "result.json": {
      json: {
        ...about(features),
        setting: "solo",
        run_id: "0badcafe",
        run_name: "their-run",
        agent_framework: "mini_swe_agent",
        model: "gemini/flash",
        started_at: "2026-01-31T12:00:00",
        ended_at: "2026-01-31T12:00:10",
        duration_seconds: 10,
        agent: { ...status, input_tokens: 10, output_tokens: 1, patch_lines: 3, error: null },
        total_cost: 1.5,
        total_steps: 100,
        log_dir: "logs/their-run/solo/demo_task/1",
      },
    },
    "solo.patch": patch,
    "solo_traj.json": {
      json: {
        ...about(features),
        agent_id: "solo",
        model: "gemini/flash",
        ...status,
        messages: [],
      },
    },
    "eval.json": {
      json: {
        ...about(features),
        setting: "solo",
        merge: null,
        feature1: { passed: true, test_output: "3 passed" },
        feature2: { passed: false, test_output: "1 failed" },
        both_passed: false,
        error: null,
        evaluated_at: "2026-01-31 13:00:00",
      },
    },
  } satisfies Tree;
}

/** A documented pair as Tandem itself leaves it. */
export const OURS: Tree = {
  "agent1/patch.diff": goldPatch(1),
  "agent2/patch.diff": goldPatch(2),
  "agent1/trajectory.json": {
    json: {
      outcome: "limit reached",
      steps: 3,
      messages: [{ role: "user", content: "x", step: 1 }],
    },
  },
  "result.json": {
    json: {
      features: [1, 2],
      setting: "coop",
      agent: "mini",
      model: "replay/demo",
      outcome: "limit reached",
      started_at: "2026-01-02T03:04:05.678Z",
      ended_at: "2026-01-02T03:04:07.678Z",
      wall_ms: 2000,
      agents: {
        agent1: {
          features: [1],
          outcome: "limit reached",
          limit_reached: "steps",
          steps: 3,
          messages_sent: 1,
          input_tokens: 10,
          reasoning_tokens: 4,
          cost_usd: 0.5,
          model_ms: 7,
          wall_ms: 1900,
        },
      },
    },
  },
  "conversation.json": {
    json: [
      {
        from: "agent1",
        to: "agent2",
        message: "hi",
        timestamp: "2026-01-02T03:04:06.000Z",
        sent_step: 2,
      },
    ],
  },
};

/** Files of a run as a whole. */
export const RUN_TREE = {
  "config.json": {
    json: {
      run_name: "their-run",
      agent_framework: "mini_swe_agent",
      model: "gemini/flash",
      setting: "coop",
      concurrency: 20,
      total_tasks: 1,
      started_at: "2026-01-31T11:59:59",
    },
  },
  "summary.json": { json: { run_name: "their-run", total_tasks: 1, completed: 1, results: [] } },
  "eval_summary.json": { json: { run_name: "their-run", passed: 1, failed: 0, pass_rate: 1.0 } },
} satisfies Tree;

/** A folder with a logs tree to read, logs of ours, and a ledger; gone at the end of the `using` scope. */
export function exchangePlace() {
  const folder = temporaryFolder("tandem-exchange");
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const open = (name: string) => openLedger(at(name));
  const ledger = open("ledger.sqlite");
  return {
    at,
    ledger,
    log_dir: at("logs"),
    write: (root: string, tree: Tree) => writeTree(at(root), tree),
    /** Imports a folder of the place; everything that was said comes back. */
    async read(dir: string, options: Partial<ImportRequest> = {}) {
      const units: ImportUnit[] = [];
      const warnings: string[] = [];
      await importLogs({
        ledger,
        log_dir: at("logs"),
        dir: at(dir),
        signal: new AbortController().signal,
        on_unit: (unit) => units.push(unit),
        on_warning: (warning) => warnings.push(warning),
        ...options,
      });
      return { units, warnings };
    },
    [Symbol.dispose]() {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}
