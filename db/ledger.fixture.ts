// Owns rows of tasks, runs and attempts for tests: sensible fields, of which a test names only those it is about.
import { sha256 } from "../lib/core/files.ts";
import {
  type AttemptId,
  attemptKey,
  type PairId,
  pairKey,
  parseAttemptKey,
} from "../lib/core/keys.ts";
import type { AttemptRecord } from "./attempts.ts";
import type { IndexedTask, Source } from "./indexed.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import type { CallRow, CommandRow, MessageRow, RunRow, StepRow } from "./schema.ts";

export const NOW = "2026-01-02T03:04:05.678Z";

/** Bytes that only survive when nobody reads them as text. */
export const HARD_BYTES: Readonly<Record<string, Uint8Array>> = {
  "every byte value": Uint8Array.from({ length: 256 }, (_, value) => value),
  "NUL only": new Uint8Array([0]),
  CRLF: Buffer.from("-a\r\n+b\r\n"),
  "no final newline": Buffer.from("+b\n\\ No newline at end of file"),
  "blank context line at the end": Buffer.from("@@ -1,2 +1,2 @@\n-a\n+b\n \n"),
  "broken UTF-8": new Uint8Array([0xc3, 0x28, 0xed, 0xa0, 0x80, 0xff]),
  "byte order mark": new Uint8Array([0xef, 0xbb, 0xbf, 0x61]),
  empty: new Uint8Array(0),
};

export const asPatch = (bytes: Uint8Array) => ({ hash: sha256(bytes), bytes });
const patchOf = (text: string) => asPatch(Buffer.from(text));

/** A throwaway ledger in memory. */
export const memoryLedger = (): Ledger => openLedger(":memory:");

/** A task with every pair of its features, ready for `dataset.index`. */
export function indexedTask(
  repo: string,
  task_id: number,
  options: { features?: number[]; source?: Source; task_hash?: string } = {},
): IndexedTask {
  const { features = [1, 2], source = "dataset", task_hash = "hash" } = options;
  const gold = (feature: number) => patchOf(`gold ${repo} ${task_id} ${feature}\n`);
  const tests = (feature: number) => patchOf(`tests ${repo} ${task_id} ${feature}\n`);
  return {
    task: {
      repo,
      task_id,
      source,
      dir: `${repo}/task${task_id}`,
      task_hash,
      has_setup: true,
      has_run_tests: true,
      has_dockerfile: false,
      has_runner: false,
      problems: [],
    },
    features: features.map((feature_id) => ({
      repo,
      task_id,
      feature_id,
      title: `Feature ${feature_id}`,
      description: `Build feature ${feature_id}.`,
      gold_patch: gold(feature_id).hash,
      tests_patch: tests(feature_id).hash,
      changed_lines: 10 * feature_id,
      files: 1,
      hunks: 2,
    })),
    pairs: features.flatMap((one, index) =>
      features
        .slice(index + 1)
        .map((other) => indexedPair({ repo, task_id, features: [one, other] }, source)),
    ),
    patches: features.flatMap((feature) => [gold(feature), tests(feature)]),
  };
}

function indexedPair(pair: PairId, source: Source): IndexedTask["pairs"][number] {
  return {
    pair_key: pairKey(pair),
    repo: pair.repo,
    task_id: pair.task_id,
    features: [...pair.features],
    source,
    file_jaccard: 0.5,
    shared_base_lines: 0,
    shared_anchors: 0,
    min_hunk_distance: null,
    same_scope: false,
    same_new_symbol: false,
  };
}

/** Stores a run; coop with the mini agent unless said otherwise. */
export function addRun(ledger: Ledger, fields: Partial<RunRow> & { readonly run: string }): RunRow {
  return ledger.runs.put({
    setting: "coop",
    agent: "mini",
    model: "replay/demo",
    config: { setting: "coop" },
    config_hash: "config",
    tandem_version: "0",
    bun_version: "0",
    git_version: "0",
    dataset_hash: "data",
    edition: null,
    created_at: NOW,
    ...fields,
  });
}

type AgentPart = Partial<AttemptRecord["agents"][number]> & { readonly bytes?: Uint8Array };
export type AttemptParts = {
  readonly attempt?: Partial<AttemptRecord["attempt"]>;
  readonly agents?: readonly AgentPart[];
  readonly steps?: readonly (Partial<StepRow> & Pick<StepRow, "agent_id" | "step">)[];
  readonly calls?: readonly (Partial<CallRow> & Pick<CallRow, "agent_id" | "seq">)[];
  readonly commands?: readonly (Partial<CommandRow> & Pick<CommandRow, "agent_id" | "seq">)[];
  readonly program_commands?: AttemptRecord["program_commands"];
  readonly messages?: readonly (Partial<MessageRow> & Pick<MessageRow, "seq" | "sender">)[];
};

/** Everything an attempt leaves: one agent a feature, no step, no message, unless said otherwise. */
export function attemptRecord(key: string, parts: AttemptParts = {}): AttemptRecord {
  const id = parseAttemptKey(key);
  const attempt_key = attemptKey(id);
  const given: readonly AgentPart[] = parts.agents ?? id.features.map(() => ({}));
  const patched = given.map(({ bytes, ...fields }, position) => ({
    fields,
    patch: asPatch(bytes ?? Buffer.from(`patch of agent${position + 1} in ${key}\n`)),
  }));
  return {
    attempt: { ...attemptRow(id), ...parts.attempt },
    agents: patched.map(({ fields, patch }, position) => ({
      ...agentRow(id, position),
      patch: patch.hash,
      ...fields,
    })),
    steps: (parts.steps ?? []).map((step) => ({ ...STEP, attempt_key, ...step })),
    calls: (parts.calls ?? []).map((call) => ({ ...CALL, attempt_key, ...call })),
    commands: (parts.commands ?? []).map((ran) => ({ ...COMMAND, attempt_key, ...ran })),
    program_commands: parts.program_commands ?? [],
    messages: (parts.messages ?? []).map((message) => ({ ...MESSAGE, attempt_key, ...message })),
    patches: patched.map(({ patch }) => patch),
  };
}

function attemptRow(id: AttemptId): AttemptRecord["attempt"] {
  return {
    attempt_key: attemptKey(id),
    run: id.run,
    pair_key: pairKey(id),
    repo: id.repo,
    task_id: id.task_id,
    features: [...id.features],
    try: id.try,
    task_hash: "hash",
    outcome: "submitted",
    started_at: NOW,
    ended_at: NOW,
    wall_ms: 1000,
    replay_of: null,
    diverged: null,
    prices: null,
    server: null,
  };
}

const USAGE = {
  input_tokens: 100,
  output_tokens: 10,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: 0.5,
  model_ms: 200,
};
const STEP = {
  ...USAGE,
  started_at: NOW,
  exec_ms: 50,
  commands: 1,
  exit_code: 0,
  messages_sent: 0,
  messages_received: 0,
} satisfies Partial<StepRow>;
const CALL = {
  purpose: "step",
  source: "provider",
  request_sha256: "request",
  started_at: NOW,
  latency_ms: 10,
  waited_ms: 0,
  retries: 0,
  stop_reason: "stop",
  response_model: null,
  input_tokens: 1,
  output_tokens: 1,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: 0,
} as const;
const COMMAND = {
  step: 1,
  command: "ls",
  size_bytes: 2,
  exit_code: 0,
  timed_out: false,
  duration_ms: 5,
};
const MESSAGE = {
  recipient: "agent2",
  content: "hello",
  sent_at: NOW,
  sent_step: 1,
  read_at: null,
  read_step: null,
} satisfies Partial<MessageRow>;

function agentRow(id: AttemptId, position: number) {
  return {
    ...USAGE,
    attempt_key: attemptKey(id),
    agent_id: `agent${position + 1}`,
    position,
    features: [id.features[position] ?? 0],
    outcome: "submitted",
    limit_reached: null,
    patch_source: "patch.txt",
    steps: 3,
    messages_sent: 0,
    wall_ms: 900,
  } satisfies Partial<AttemptRecord["agents"][number]>;
}
