// Owns the two forms an attempt is kept in: ledger rows, and files under logs/<attempt>/.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AttemptRecord } from "../../db/attempts.ts";
import { moveFolder, settle } from "../core/disk.ts";
import { worstOutcome } from "../core/ends.ts";
import { jsonText, scratch, sha256, writeUnsettled } from "../core/files.ts";
import { attemptKey, pairKey } from "../core/keys.ts";
import { sumOf } from "../core/lists.ts";
import { costsOf } from "../model/costs.ts";
import { addUsage, NO_USAGE } from "../model/model.ts";
import type { RanCommand } from "./commands.ts";
import type { RunConfig } from "./config.ts";
import type { AgentReport, AttemptReport } from "./plan.ts";
import { agentFolder, writeOrder, writeRecorded } from "./recorded.ts";
import { moveAside } from "./superseded.ts";

export type RecordOptions = {
  readonly config: RunConfig;
  readonly task_hash: string;
  /** The table that calls were priced by; null when nothing was asked of a model. */
  readonly prices: string | null;
  /** The host that its model was asked at; null when no model was asked. */
  readonly server: string | null;
};

/** The rows of an attempt. */
export function attemptRecord(report: AttemptReport, options: RecordOptions): AttemptRecord {
  const { attempt, agents } = report;
  const attempt_key = attemptKey(attempt);
  const { run, repo, task_id, features } = attempt;
  return {
    attempt: {
      attempt_key,
      run,
      repo,
      task_id,
      try: attempt.try,
      task_hash: options.task_hash,
      pair_key: pairKey(attempt),
      features: [...features],
      outcome: attemptOutcome(agents),
      started_at: report.started_at,
      ended_at: report.ended_at,
      wall_ms: report.wall_ms,
      replay_of: options.config.replay_of,
      diverged: divergence(report),
      prices: options.prices,
      server: options.server,
    },
    agents: agents.map((agent, position) => agentRow(agent, attempt_key, position)),
    steps: agents.flatMap((agent) =>
      agent.steps.map((step) => ({ ...step, attempt_key, agent_id: agent.agent_id })),
    ),
    calls: agents.flatMap(({ model, agent_id }) =>
      (model?.calls ?? []).map((call) => ({ ...call, attempt_key, agent_id })),
    ),
    commands: agents.flatMap(({ commands, agent_id }) =>
      commands.map((ran, at) => ({ ...commandRow(ran), attempt_key, agent_id, seq: at + 1 })),
    ),
    program_commands: agents.flatMap(({ program_commands = [], agent_id }) =>
      program_commands.map(({ command, ...seen }, at) => ({
        ...{ ...seen, ...keptText(command), attempt_key, agent_id, seq: at + 1 },
      })),
    ),
    messages: report.messages.map((message) => ({ ...message, attempt_key })),
    patches: agents.map(({ patch }) => ({ hash: sha256(patch), bytes: patch })),
  };
}

/** Of a longer text the ledger keeps this much; the trajectory has all of it. */
const MOST_COMMAND_BYTES = 64 * 1024;

function commandRow({ command, step, exit_code, timed_out, duration_ms }: RanCommand) {
  const ended = { exit_code, timed_out, duration_ms: Math.round(duration_ms) };
  return { step, ...keptText(command), ...ended };
}

function keptText(text: string) {
  const bytes = Buffer.from(text);
  const command = bytes.length > MOST_COMMAND_BYTES ? cutText(bytes) : text;
  return { command, size_bytes: bytes.length };
}

/** As much as is kept, without the character that the cut goes through. */
function cutText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, MOST_COMMAND_BYTES), { stream: true });
}

/** Where a replay first diverged, as text; null if it did not. */
function divergence({ agents }: AttemptReport): string | null {
  const first = agents.flatMap(({ model }) => model?.divergence ?? [])[0];
  return first === undefined ? null : `${first.agent_id}, call ${first.seq}: ${first.what}`;
}

function attemptOutcome(agents: readonly AgentReport[]): AgentReport["outcome"] {
  return worstOutcome(agents.map(({ outcome }) => outcome));
}

function agentRow(
  agent: AgentReport,
  attempt_key: string,
  position: number,
): AttemptRecord["agents"][number] {
  return {
    attempt_key,
    agent_id: agent.agent_id,
    position,
    features: [...agent.features],
    outcome: agent.outcome,
    limit_reached: agent.limit_reached,
    patch: sha256(agent.patch),
    patch_source: agent.patch_source,
    taken: agent.taken ?? null,
    wall_ms: agent.wall_ms,
    ...totals(agent),
  };
}

/** Sums over an agent's calls; null as soon as one call's is unknown. */
function totals({ steps, model }: AgentReport) {
  const calls: readonly Paid[] = model?.calls ?? steps;
  return {
    ...(calls.every(isKnown) ? calls.map(usageOf).reduce(addUsage, NO_USAGE) : UNKNOWN_USAGE),
    steps: steps.length,
    messages_sent: sumOf(steps, (step) => step.messages_sent),
    model_ms: sumOf(steps, (step) => step.model_ms),
    ...spentOn(calls),
  };
}

type Paid = Parameters<typeof addUsage>[0] & {
  readonly cost_usd: number | null;
  readonly usage_known?: boolean;
  readonly stop_reason?: string;
};

const isKnown = ({ usage_known = true }: Paid) => usage_known;
/** Where one call's tokens are not known, neither is their sum. */
const UNKNOWN_USAGE = {
  input_tokens: null,
  output_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  reasoning_tokens: null,
};

function usageOf(paid: Paid) {
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens } =
    paid;
  return { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens };
}

/** US dollars of calls, null as soon as one is unknown; then the sum of those known, and how many calls are unknown. */
function spentOn(calls: readonly Paid[]) {
  const { known_usd, ...others } = costsOf(calls);
  const whole = others.unpriced + others.cut_off === 0;
  return { cost_usd: whole ? known_usd : null, known_usd: whole ? null : known_usd, ...others };
}

/** Writes the files of an attempt into an empty folder; they are not on the disk for certain yet. */
export function fillAttempt(folder: string, report: AttemptReport, options: RecordOptions): void {
  for (const agent of report.agents)
    writeAgent(join(folder, agentFolder(options.config, agent.agent_id)), report, agent);
  writeUnsettled(join(folder, "conversation.json"), jsonText(conversation(report)));
  writeUnsettled(join(folder, "result.json"), jsonText(resultJson(report, options)));
  writeOrder(folder, report.order);
}

/** The files of an attempt: `fill` writes them into an empty folder. */
export type AttemptFiles = {
  readonly attempt_key: string;
  readonly fill: (folder: string) => void;
  /** Where under the logs the files go that an earlier try left; they are removed when those are there already. */
  readonly aside?: string | undefined;
};

/**
 * Writes logs/<attempt>/: built in a scratch folder of the same disk, brought there, then renamed into place, so that a
 * kill or a power cut leaves either the whole folder or none.
 */
export async function writeAttempt(
  log_dir: string,
  { attempt_key, fill, aside }: AttemptFiles,
): Promise<void> {
  const target = join(log_dir, attempt_key);
  await using folder = scratch(log_dir, "attempt");
  const fresh = join(folder.path, "fresh");
  mkdirSync(fresh);
  fill(fresh);
  await settle(fresh);
  moveAside(target, aside === undefined ? undefined : join(log_dir, aside));
  moveFolder(fresh, target);
}

/** The trajectory holds what was said and done, and nothing that would differ if the same answers came again. */
function writeAgent(place: string, report: AttemptReport, agent: AgentReport): void {
  const { repo, task_id } = report.attempt;
  writeUnsettled(join(place, "patch.diff"), agent.patch);
  writeRecorded(place, agent);
  if (agent.own_record) writeUnsettled(join(place, agent.own_record.name), agent.own_record.bytes);
  const trajectory = {
    repo,
    task_id,
    features: agent.features,
    agent_id: agent.agent_id,
    outcome: agent.outcome,
    limit_reached: agent.limit_reached,
    patch_source: agent.patch_source,
    steps: agent.steps.length,
    messages: agent.transcript,
  };
  writeUnsettled(join(place, "trajectory.json"), jsonText(trajectory));
}

function conversation(report: AttemptReport) {
  const featureOf = new Map(report.agents.map((agent) => [agent.agent_id, agent.features[0]]));
  return report.messages.map(
    ({ sender, recipient, content, sent_at, sent_step, acknowledged_at, read_at, read_step }) => ({
      from: sender,
      to: recipient,
      message: content,
      timestamp: sent_at,
      feature_id: featureOf.get(sender),
      sent_step,
      acknowledged_at,
      read_at,
      read_step,
    }),
  );
}

function resultJson(report: AttemptReport, { config, prices }: RecordOptions) {
  const { run, repo, task_id, features } = report.attempt;
  return {
    repo,
    task_id,
    features,
    setting: config.setting,
    run_name: run,
    try: report.attempt.try,
    agent: config.agent,
    ...(report.program && { program: report.program }),
    model: config.model,
    outcome: attemptOutcome(report.agents),
    started_at: report.started_at,
    ended_at: report.ended_at,
    wall_ms: report.wall_ms,
    messages_sent: report.messages.length,
    mailbox: report.mailbox,
    git: config.git,
    max_steps_per_agent: config.max_steps,
    max_steps_in_all: config.max_steps * report.agents.length,
    prices,
    replay_of: config.replay_of,
    diverged: divergence(report),
    agents: Object.fromEntries(report.agents.map((agent) => [agent.agent_id, agentJson(agent)])),
  };
}

function agentJson(agent: AgentReport) {
  return {
    features: agent.features,
    outcome: agent.outcome,
    limit_reached: agent.limit_reached,
    patch_source: agent.patch_source,
    patch_sha256: sha256(agent.patch),
    ...(agent.taken === undefined ? {} : { taken: agent.taken }),
    patch_repairs: agent.patch_repairs ?? [],
    wall_ms: agent.wall_ms,
    stopped_ms: agent.stopped_ms ?? 0,
    waited_ms: sumOf(agent.model?.calls ?? [], ({ waited_ms }) => waited_ms),
    ...totals(agent),
  };
}
