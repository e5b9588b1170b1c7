// Owns rows of merges, verdicts, suites and faults for tests: sensible fields, of which a test names only those it is about.
import { sha256 } from "../lib/core/files.ts";
import { parseAttemptKey } from "../lib/core/keys.ts";
import { NOW } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import type { MergeRecord } from "./merges.ts";
import type { FaultRow, MergeRow, ScoreRow, SideRow } from "./schema.ts";
import type { SuiteRecord } from "./scores.ts";

/** A merge row; clean unless said otherwise. */
export function mergeRow(attempt_key: string, fields: Partial<MergeRow> = {}): MergeRow {
  return {
    attempt_key,
    strategy: "naive",
    inputs_hash: "inputs",
    base_kind: "patches",
    base_tree: "base",
    status: "clean",
    tree: "tree",
    diff: null,
    conflict_at: null,
    sections: 0,
    lines: 0,
    files: 0,
    score: 0,
    severity: "none",
    reason: null,
    merged_at: NOW,
    ...fields,
  };
}

/** One agent's patch on the base, as it is; applied unless said otherwise. */
export function sideRow(attempt_key: string, fields: Partial<SideRow> = {}): SideRow {
  return {
    attempt_key,
    agent_id: "agent1",
    position: 0,
    features: [1],
    status: "applied",
    tree: "tree",
    patch: "the hash of a stored patch",
    reason: null,
    repairs: [],
    left_out: [],
    marked: [],
    ...fields,
  };
}

/** The rows of one merging, with what else it leaves. */
export function mergeRecord(
  rows: readonly MergeRow[],
  rest: Partial<MergeRecord> = {},
): MergeRecord {
  return { rows, sides: [], patches: [], ...rest };
}

/** A verdict; passed on a clean merge under `union` unless said otherwise. */
export function scoreRow(attempt_key: string, fields: Partial<ScoreRow> = {}): ScoreRow {
  return {
    attempt_key,
    policy: "union",
    inputs_hash: "inputs",
    outcome: "passed",
    path: "clean",
    passed: true,
    cause: null,
    scored_at: NOW,
    ...fields,
  };
}

/** A suite's result with its raw output. */
export function suiteRecord(
  suite_key: string,
  fields: Partial<SuiteRecord["result"]> & { readonly bytes?: Uint8Array } = {},
): SuiteRecord {
  const { bytes = Buffer.from("1 passed\n"), ...rest } = fields;
  const hash = sha256(bytes);
  return {
    result: {
      suite_key,
      repo: "alpha_task",
      task_id: 1,
      feature_id: 1,
      environment: "local",
      tree: "tree",
      tests_patch: "tests",
      runner_hash: "runner",
      task_hash: null,
      outcome: "passed",
      exit_code: 0,
      passed: 1,
      failed: 0,
      skipped: 0,
      errors: 0,
      tests: [{ name: "a test", status: "passed" }],
      output: hash,
      duration_ms: 10,
      tested_at: NOW,
      ...rest,
    },
    output: { hash, size_bytes: bytes.length, zstd: Bun.zstdCompressSync(bytes) },
  };
}

/** Stores a fault of an attempt. */
export function addFault(ledger: Ledger, key: string, fields: Partial<FaultRow> = {}): void {
  const { run, repo, task_id, features, try: attempt } = parseAttemptKey(key);
  ledger.faults.add({
    unit: key,
    run,
    repo,
    task_id,
    features: [...features],
    try: attempt,
    step: "run",
    code: "sandbox_failed",
    message: "the sandbox is gone",
    hint: "start it again",
    cause: null,
    happened_at: NOW,
    ...fields,
  });
}
