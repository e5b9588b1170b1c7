// Owns an attempt's files in the released form: what was imported in it goes back as it came, Tandem's are written in its terms.

import type { AgentRow } from "../../../db/schema.ts";
import { sha256 } from "../../core/files.ts";
import { sumOf } from "../../core/lists.ts";
import { addUp, type Sum } from "../../core/money.ts";
import {
  releasedName,
  releasedPair,
  SHARED_FILES,
  SHARED_KINDS,
  type SharedKind,
  statusOf,
} from "../forms.ts";
import { wordOf } from "../import/runs.ts";
import { asRecord, isRecord } from "../read/result.ts";
import { writeTranscript } from "../read/transcript.ts";
import { type Exported, type Files, folderOf, importedTrajectory, logValue } from "./attempt.ts";
import { ourEvaluation } from "./evaluation.ts";

/** Where an attempt is below its run's folder. */
export function releasedFolder({ run, attempt }: Pick<Exported, "run" | "attempt">): string {
  return `${wordOf(run)}/${attempt.repo}/${attempt.task_id}/${releasedPair(attempt.features)}`;
}

/** All files of an attempt, by name. */
export function releasedFiles(exported: Exported): Files {
  const { attempt, imported, run } = exported;
  const raw = imported?.files ?? {};
  const files: Files = new Map();
  const put = (name: string, json: unknown) => {
    if (json !== undefined) files.set(name, { json });
  };
  for (const agent of attempt.agents) {
    const owner = {
      setting: run.setting,
      agent_id: agent.agent_id,
      feature_id: agent.features[0] ?? 0,
    };
    if (imported === undefined || `${agent.agent_id}/patch.diff` in raw)
      files.set(releasedName("patch", owner), exported.patchOf(agent));
    const trajectory = trajectoryOf(exported, agent);
    if (trajectory) files.set(releasedName("trajectory", owner), trajectory);
    const full = importedTrajectory(exported, agent, "full_trajectory");
    if (full) files.set(releasedName("full_trajectory", owner), full);
  }
  const result = raw["result.json"];
  if (imported === undefined || isOurs(result)) put("result.json", resultOf(exported));
  else put("result.json", result);
  const conversation = run.setting === "coop" ? conversationOf(exported) : undefined;
  put("conversation.json", imported === undefined ? conversation : raw["conversation.json"]);
  const evaluation = raw["eval.json"];
  const theirs = evaluation !== undefined && !("policies" in asRecord(evaluation));
  put("eval.json", theirs ? evaluation : ourEvaluation(exported));
  for (const kind of SHARED_KINDS)
    if (!OWN_KINDS.includes(kind)) put(SHARED_FILES[kind], raw[SHARED_FILES[kind]]);
  return files;
}

/** Files that are written for every attempt; others go back as they came. */
const OWN_KINDS: readonly SharedKind[] = ["result", "conversation", "eval"];

/** Whether a result.json or trajectory has Tandem's fields, which end with the outcome in Tandem's terms. */
export function isOurs(file: unknown): boolean {
  return isRecord(file) && "outcome" in file;
}

function trajectoryOf(
  exported: Exported,
  agent: AgentRow,
): Uint8Array | { readonly json: unknown } | undefined {
  const kept = exported.imported?.files[`${agent.agent_id}/trajectory.json`];
  if (exported.imported !== undefined && !isOurs(kept)) {
    const bytes = importedTrajectory(exported, agent, "trajectory");
    if (bytes !== undefined) return bytes;
    return isRecord(kept) ? { json: { ...kept, messages: [] } } : undefined;
  }
  const ours = logValue(exported, `${folderOf(exported, agent)}/trajectory.json`);
  const { repo, task_id, features } = exported.attempt;
  const { agent_id, cost_usd, steps, outcome } = agent;
  const solo = exported.run.setting === "solo";
  return {
    json: {
      repo,
      task_id,
      ...(solo ? { features } : { feature_id: agent.features[0] }),
      agent_id: solo ? "solo" : agent_id,
      model: exported.run.model,
      status: statusOf(outcome),
      cost: cost_usd,
      steps,
      messages: writeTranscript(asRecord(ours).messages),
    },
  };
}

function conversationOf({ attempt, messages }: Exported) {
  const featureOf = new Map(
    attempt.agents.map(({ agent_id, features }) => [agent_id, features[0]]),
  );
  return messages.map(({ sender, recipient, content, sent_at }) => ({
    from: sender,
    to: recipient,
    message: content,
    ...(sent_at === null ? {} : { timestamp: zoned(sent_at) }),
    feature_id: featureOf.get(sender) ?? null,
  }));
}

function resultOf(exported: Exported) {
  const { attempt, run, messages } = exported;
  const { repo, task_id, features, attempt_key } = attempt;
  const solo = run.setting === "solo";
  const agents = attempt.agents.map((agent) => [agent.agent_id, agentOf(exported, agent)] as const);
  return {
    repo,
    task_id,
    features,
    setting: run.setting,
    run_id: sha256(attempt_key).slice(0, 8),
    run_name: run.run,
    agent_framework: run.agent,
    model: run.model,
    started_at: zoned(attempt.started_at),
    ended_at: zoned(attempt.ended_at),
    duration_seconds: attempt.wall_ms / 1000,
    ...(solo ? { agent: agents[0]?.[1] } : { agents: Object.fromEntries(agents) }),
    ...costFields("total_cost", addUp(attempt.agents.map(({ cost_usd }) => cost_usd))),
    total_steps: sumOf(attempt.agents, ({ steps }) => steps ?? 0),
    ...(solo ? {} : { messages_sent: messages.length }),
    log_dir: `logs/${run.run}/${releasedFolder(exported)}`,
  };
}

/**
 * What is known of a sum of costs in US dollars under its name there, and next to it how many parts are not known.
 * Readers there take an absent field as 0, and a null as an error.
 */
export function costFields(name: string, { known, unknown }: Sum): Record<string, number> {
  return {
    ...(known === null ? {} : { [name]: known }),
    ...(unknown === 0 ? {} : { cost_unknown: unknown }),
  };
}

/** What is unknown is omitted: readers there take an absent field as 0, and a null as an error. */
function agentOf(exported: Exported, agent: AgentRow) {
  const { cost_usd: cost, steps, input_tokens, output_tokens } = agent;
  const { cache_read_tokens, cache_write_tokens } = agent;
  const counts = {
    cost,
    steps,
    input_tokens,
    output_tokens,
    cache_read_tokens,
    cache_write_tokens,
  };
  const known = Object.entries(counts).filter(([, value]) => value !== null);
  return {
    ...(exported.run.setting === "solo" ? {} : { feature_id: agent.features[0] }),
    status: statusOf(agent.outcome),
    ...Object.fromEntries(known),
    patch_lines: lines(exported.patchOf(agent)),
    error: null,
  };
}

function lines(patch: Uint8Array): number {
  const ends = sumOf(patch, (byte) => (byte === 10 ? 1 : 0));
  return patch.length === 0 || patch.at(-1) === 10 ? ends : ends + 1;
}

/** Old readers of ISO 8601 do not accept `Z`. */
export function zoned(time: string): string {
  return time.replace(/Z$/, "+00:00");
}
