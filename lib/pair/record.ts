// Owns the two forms an attempt is kept in: ledger rows, and files under logs/<attempt>/.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AttemptRecord } from "../../db/attempts.ts";
import { scratch, sha256, writeJson, writeWhole } from "../files.ts";
import { attemptKey, pairKey } from "../keys.ts";
import { addUsage, NO_USAGE } from "../model/model.ts";
import type { AgentReport, AttemptReport } from "./attempt.ts";
import type { RunConfig } from "./config.ts";

/** The rows of an attempt. */
export function attemptRecord(report: AttemptReport, task_hash: string): AttemptRecord {
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
      task_hash,
      pair_key: pairKey(attempt),
      features: [...features],
      outcome: attemptOutcome(agents),
      started_at: report.started_at,
      ended_at: report.ended_at,
      wall_ms: report.wall_ms,
    },
    agents: agents.map((agent, position) => agentRow(agent, attempt_key, position)),
    steps: agents.flatMap((agent) =>
      agent.steps.map((step) => ({ ...step, attempt_key, agent_id: agent.agent_id })),
    ),
    messages: report.messages.map((message) => ({ ...message, attempt_key })),
    patches: agents.map(({ patch }) => ({ hash: sha256(patch), bytes: patch })),
  };
}

/** The worst of the agents' outcomes: an empty patch, then a limit, then work handed in by all. */
function attemptOutcome(agents: readonly AgentReport[]): AgentReport["outcome"] {
  for (const outcome of ["empty patch", "limit reached"] as const)
    if (agents.some((agent) => agent.outcome === outcome)) return outcome;
  return "submitted";
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
    wall_ms: agent.wall_ms,
    ...totals(agent),
  };
}

/** Sums over an agent's steps; cost is null as soon as one step's price is unknown. */
function totals(agent: AgentReport) {
  const { steps } = agent;
  const cost_usd = steps.some((step) => step.cost_usd === null)
    ? null
    : steps.reduce((sum, step) => sum + (step.cost_usd ?? 0), 0);
  return {
    ...steps.map(usageOf).reduce(addUsage, NO_USAGE),
    steps: steps.length,
    messages_sent: steps.reduce((sum, step) => sum + step.messages_sent, 0),
    model_ms: steps.reduce((sum, step) => sum + step.model_ms, 0),
    cost_usd,
  };
}

function usageOf(step: AgentReport["steps"][number]) {
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens } =
    step;
  return { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens };
}

/**
 * Writes logs/<attempt>/: built in a scratch folder of the same disk, then renamed into place, so that a kill leaves
 * either the whole folder or none.
 */
export async function writeAttempt(
  log_dir: string,
  report: AttemptReport,
  config: RunConfig,
): Promise<void> {
  const target = join(log_dir, attemptKey(report.attempt));
  await using folder = scratch(log_dir, "attempt");
  const fresh = join(folder.path, "fresh");
  mkdirSync(fresh);
  for (const agent of report.agents) writeAgent(fresh, report, agent, config);
  writeJson(join(fresh, "conversation.json"), conversation(report));
  writeJson(join(fresh, "result.json"), resultJson(report, config));
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}

function writeAgent(
  folder: string,
  report: AttemptReport,
  agent: AgentReport,
  config: RunConfig,
): void {
  const { repo, task_id } = report.attempt;
  const place = join(folder, config.setting === "solo" ? "solo" : agent.agent_id);
  writeWhole(join(place, "patch.diff"), agent.patch);
  writeJson(join(place, "trajectory.json"), {
    repo,
    task_id,
    features: agent.features,
    agent_id: agent.agent_id,
    agent: config.agent,
    model: config.model,
    outcome: agent.outcome,
    limit_reached: agent.limit_reached,
    patch_source: agent.patch_source,
    ...totals(agent),
    messages: agent.transcript,
  });
}

function conversation(report: AttemptReport) {
  const featureOf = new Map(report.agents.map((agent) => [agent.agent_id, agent.features[0]]));
  return report.messages.map(
    ({ sender, recipient, content, sent_at, sent_step, read_at, read_step }) => ({
      from: sender,
      to: recipient,
      message: content,
      timestamp: sent_at,
      feature_id: featureOf.get(sender),
      sent_step,
      read_at,
      read_step,
    }),
  );
}

function resultJson(report: AttemptReport, config: RunConfig) {
  const { run, repo, task_id, features } = report.attempt;
  return {
    repo,
    task_id,
    features,
    setting: config.setting,
    run_name: run,
    try: report.attempt.try,
    agent: config.agent,
    model: config.model,
    outcome: attemptOutcome(report.agents),
    started_at: report.started_at,
    ended_at: report.ended_at,
    wall_ms: report.wall_ms,
    messages_sent: report.messages.length,
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
    wall_ms: agent.wall_ms,
    ...totals(agent),
  };
}
