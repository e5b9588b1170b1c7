// Owns turning CooperBench's attempt into Tandem's rows: what is unknown stays null, and its own fields are kept whole.
import type { AttemptRecord } from "../../../db/attempts.ts";
import type { ImportedRow } from "../../../db/schema.ts";
import { worstOutcome } from "../../core/ends.ts";
import { sha256 } from "../../core/files.ts";
import { type AttemptId, attemptKey, pairKey } from "../../core/keys.ts";
import { isBlank, isBroken, outcomeOf, SHARED_FILES, SHARED_KINDS } from "../forms.ts";
import {
  type Document,
  type ForeignAgent,
  type ForeignAttempt,
  statusSaid,
} from "../read/attempt.ts";
import { asRecord, isRecord } from "../read/result.ts";
import { moment } from "../read/time.ts";
import { type FaultRecord, faultOf, NO_TIME } from "./foreign-faults.ts";

export type ImportedRecord = {
  readonly record: AttemptRecord;
  readonly imported: ImportedRow;
  /** What kept CooperBench from an attempt; undefined if nothing did. */
  readonly fault: FaultRecord | undefined;
};
export type ImportId = { readonly attempt: AttemptId; readonly task_hash: string };

/** The rows of an attempt, under this name. */
export function importedRecord(foreign: ForeignAttempt, id: ImportId): ImportedRecord {
  const attempt_key = attemptKey(id.attempt);
  const messages = messageRows(foreign, attempt_key);
  const agents = foreign.agents.map((agent, position) => {
    const messages_sent = messages.filter(({ sender }) => sender === agent.agent_id).length;
    return { ...agentRow(agent, messages_sent), attempt_key, position };
  });
  const { attempt, problems } = attemptRow(foreign, id, agents);
  const patches = foreign.agents.map(({ patch = Buffer.alloc(0) }) => patch);
  return {
    fault: faultOf(foreign, id.attempt, attempt),
    record: {
      attempt,
      agents,
      steps: [],
      calls: [],
      messages,
      patches: patches.map((bytes) => ({ hash: sha256(bytes), bytes })),
    },
    imported: {
      attempt_key,
      source: foreign.place.folder,
      form: foreign.place.form,
      content_sha256: foreign.content_sha256,
      passed: foreign.verdict.passed,
      merge_status: foreign.verdict.merge_status,
      strategy: foreign.verdict.strategy,
      evaluated_at: foreign.verdict.evaluated_at,
      error: foreign.verdict.error,
      alone: foreign.verdict.alone,
      reads_kept: readsKept(foreign),
      files: keptFiles(foreign),
      problems: [...foreign.problems, ...problems, ...unmetered(foreign)],
      imported_at: new Date().toISOString(),
    },
  };
}

type AgentRow = AttemptRecord["agents"][number];

function attemptRow(foreign: ForeignAttempt, id: ImportId, agents: readonly AgentRow[]) {
  const { says, verdict } = foreign;
  const { run, repo, task_id, features } = id.attempt;
  const begun = says.started_at ?? says.ended_at ?? firstMessageAt(foreign) ?? verdict.evaluated_at;
  const started_at = begun ?? NO_TIME;
  const wall_ms = says.wall_ms ?? 0;
  const ended_at = says.ended_at ?? new Date(Date.parse(started_at) + wall_ms).toISOString();
  const attempt: AttemptRecord["attempt"] = {
    attempt_key: attemptKey(id.attempt),
    run,
    pair_key: pairKey(id.attempt),
    repo,
    task_id,
    features: [...features],
    try: id.attempt.try,
    task_hash: id.task_hash,
    outcome: worstOutcome(agents.map(({ outcome }) => outcome)),
    started_at,
    ended_at,
    wall_ms,
    replay_of: null,
    diverged: null,
    prices: null,
    server: null,
  };
  const problems = [
    ...(foreign.documents.result === undefined ? ["no result.json: costs and steps unknown"] : []),
    ...(begun === null ? ["no time is recorded"] : []),
    ...(says.wall_ms === undefined ? ["no duration is recorded: 0 ms stands for it"] : []),
  ];
  return { attempt, problems };
}

function firstMessageAt({ documents }: ForeignAttempt): string | null {
  const list = documents.conversation?.value;
  const times = Array.isArray(list) ? list.map((entry) => moment(asRecord(entry).timestamp)) : [];
  return times.filter((time) => time !== null).sort()[0] ?? null;
}

function agentRow(agent: ForeignAgent, sent: number): Omit<AgentRow, "attempt_key" | "position"> {
  const { says, agent_id, features, patch = Buffer.alloc(0), patch_bytes } = agent;
  const trajectory = asRecord(agent.trajectory?.value);
  const usage = isUnmetered(agent) ? undefined : says;
  const said = wholeNumber(trajectory.steps);
  return {
    agent_id,
    features: [...features],
    outcome:
      patch_bytes === undefined
        ? (says?.outcome ?? outcomeOf(statusSaid(agent), patch))
        : "patch too large",
    taken: patch_bytes === undefined ? null : { size_bytes: patch_bytes },
    limit_reached: says?.limit_reached ?? null,
    patch: sha256(patch),
    patch_source: isBlank(patch) ? "none" : "imported",
    steps: says?.steps ?? said ?? null,
    messages_sent: says?.messages_sent ?? sent,
    input_tokens: usage?.input_tokens ?? null,
    output_tokens: usage?.output_tokens ?? null,
    cache_read_tokens: usage?.cache_read_tokens ?? null,
    cache_write_tokens: usage?.cache_write_tokens ?? null,
    reasoning_tokens: usage?.reasoning_tokens ?? null,
    cost_usd: usage?.cost ?? usage?.cost_usd ?? null,
    model_ms: says?.model_ms ?? null,
    wall_ms: says?.wall_ms ?? null,
  };
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}

/**
 * Steps without a token and without a cent: they were not counted, so the zeros mean nothing. An agent that broke cost
 * nothing.
 */
function isUnmetered(agent: ForeignAgent): boolean {
  const { says } = agent;
  if (says === undefined || (says.steps ?? 0) === 0 || isBroken(statusSaid(agent))) return false;
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost, cost_usd } =
    says;
  const counts = [input_tokens, output_tokens, cache_read_tokens, cache_write_tokens];
  return [...counts, cost, cost_usd].every((amount) => (amount ?? 0) === 0);
}

function unmetered({ agents }: ForeignAttempt): string[] {
  return agents
    .filter((agent) => isUnmetered(agent))
    .map(({ agent_id }) => `${agent_id}'s tokens and cost are all 0: taken as unknown`);
}

function messageRows(
  { documents }: ForeignAttempt,
  attempt_key: string,
): AttemptRecord["messages"][number][] {
  const list = documents.conversation?.value;
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).map((message, index) => ({
    attempt_key,
    seq: index + 1,
    sender: String(message.from ?? "unknown"),
    recipient: String(message.to ?? "unknown"),
    content:
      typeof message.message === "string" ? message.message : JSON.stringify(message.message ?? ""),
    sent_at: moment(message.timestamp),
    sent_step: wholeNumber(message.sent_step) ?? null,
    read_at: moment(message.read_at),
    read_step: wholeNumber(message.read_step) ?? null,
    acknowledged_at: moment(message.acknowledged_at),
  }));
}

/** Whether it was recorded when messages were read, even if only that they never were. */
function readsKept({ documents }: ForeignAttempt): boolean {
  const list = documents.conversation?.value;
  return Array.isArray(list) && list.some((entry) => isRecord(entry) && "read_at" in entry);
}

/**
 * All fields of its files, by Tandem's names. Turns of trajectories are not among them: they are in the logs, and only
 * their number is here.
 */
function keptFiles(foreign: ForeignAttempt): Record<string, unknown> {
  const files: Record<string, unknown> = {};
  const keep = (name: string, document: Document | undefined) => {
    if (document?.value !== undefined) files[name] = withoutTurns(document.value, name);
  };
  for (const kind of SHARED_KINDS) keep(SHARED_FILES[kind], foreign.documents[kind]);
  for (const { agent_id, patch, trajectory, full_trajectory } of foreign.agents) {
    if (patch !== undefined) files[`${agent_id}/patch.diff`] = { size_bytes: patch.length };
    keep(`${agent_id}/trajectory.json`, trajectory);
    keep(`${agent_id}/full_trajectory.json`, full_trajectory);
  }
  return files;
}

function withoutTurns(value: unknown, name: string): unknown {
  if (!name.endsWith("trajectory.json") || !isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, held]) =>
      ["messages", "segments"].includes(field) && Array.isArray(held)
        ? [field, held.length]
        : [field, held],
    ),
  );
}
