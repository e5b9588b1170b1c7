// Owns the files of an imported attempt under logs/<attempt>/: Tandem's by name and shape, and its trajectories as they were.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentFolder } from "../../attempt/recorded.ts";
import { moveAside } from "../../attempt/superseded.ts";
import type { Artefact } from "../../core/artefacts.ts";
import { moveFolder } from "../../core/disk.ts";
import { removeFolder, sha256 } from "../../core/files.ts";
import { redactBytes } from "../../core/redact.ts";
import type { ForeignAgent, ForeignAttempt } from "../read/attempt.ts";
import { asRecord } from "../read/result.ts";
import { readTranscript } from "../read/transcript.ts";
import type { ImportedRecord } from "./record.ts";

/** Where a trajectory's original bytes are kept next to Tandem's, compressed. */
export function keptTrajectory(kind: "trajectory" | "full_trajectory"): string {
  return `imported.${kind}.json.zst`;
}

export type WritePlan = {
  readonly log_dir: string;
  /** A folder on the same disk for what is not complete yet. */
  readonly scratch: string;
  /** Where under the logs the files go that an earlier import left. */
  readonly aside: string | undefined;
  readonly model: string | null;
  readonly agent: string;
};

/**
 * Builds the folder elsewhere and renames it into place: a kill leaves all of it or nothing. The caller, who stores its
 * rows, syncs its bytes to the disk first. Returns the hashes of what it wrote.
 */
export function writeImported(
  plan: WritePlan,
  foreign: ForeignAttempt,
  { record, imported }: Omit<ImportedRecord, "fault">,
): Artefact[] {
  const target = join(plan.log_dir, record.attempt.attempt_key);
  const fresh = join(plan.scratch, "fresh");
  // Left by an attempt whose files could not be written.
  removeFolder(fresh);
  const files = openFiles(fresh);
  for (const [position, agent] of foreign.agents.entries()) {
    const row = record.agents[position];
    if (row) writeAgent(files.in(agentFolder(foreign, agent.agent_id)), agent, { record, row });
  }
  const { put } = files.in("");
  put("conversation.json", json(conversation(foreign, record)));
  put("result.json", json(resultJson(plan, foreign, { record, imported })));
  moveAside(target, plan.aside === undefined ? undefined : join(plan.log_dir, plan.aside));
  moveFolder(fresh, target);
  return files.written;
}

type Folder = { readonly put: (name: string, content: string | Uint8Array) => void };

/**
 * Files of a folder that is not visible before it is complete, so that none needs a temporary name; each is hashed as
 * it is written.
 */
function openFiles(root: string) {
  const written: Artefact[] = [];
  return {
    written,
    in(folder: string): Folder {
      mkdirSync(join(root, folder), { recursive: true });
      return {
        put(name, content) {
          const bytes = redactBytes(typeof content === "string" ? Buffer.from(content) : content);
          const path = folder === "" ? name : `${folder}/${name}`;
          writeFileSync(join(root, path), bytes);
          written.push({ path, sha256: sha256(bytes), size_bytes: bytes.length });
        },
      };
    },
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

type Rows = ImportedRecord["record"];

function writeAgent(
  { put }: Folder,
  agent: ForeignAgent,
  { record, row }: { readonly record: Rows; readonly row: Rows["agents"][number] },
): void {
  const { repo, task_id } = record.attempt;
  const { agent_id, features, outcome, limit_reached = null, patch_source, steps = null } = row;
  const messages = readTranscript(asRecord(agent.trajectory?.value).messages);
  const about = { repo, task_id, features, agent_id, outcome, limit_reached, patch_source, steps };
  put("patch.diff", agent.patch ?? new Uint8Array());
  put("trajectory.json", json({ ...about, messages }));
  for (const kind of ["trajectory", "full_trajectory"] as const) {
    const bytes = agent[kind]?.bytes;
    if (bytes) put(keptTrajectory(kind), Bun.zstdCompressSync(bytes));
  }
}

function conversation({ agents }: ForeignAttempt, record: Rows) {
  const featureOf = new Map(agents.map(({ agent_id, features }) => [agent_id, features[0]]));
  return record.messages.map((row) => ({
    from: row.sender,
    to: row.recipient,
    message: row.content,
    timestamp: row.sent_at,
    feature_id: featureOf.get(row.sender),
    sent_step: row.sent_step,
    acknowledged_at: row.acknowledged_at,
    read_at: row.read_at,
    read_step: row.read_step,
  }));
}

function resultJson(
  plan: WritePlan,
  { setting }: ForeignAttempt,
  { record, imported }: Omit<ImportedRecord, "fault">,
) {
  const { run, repo, task_id, features, outcome, started_at, ended_at, wall_ms } = record.attempt;
  return {
    repo,
    task_id,
    features,
    setting,
    run_name: run,
    try: record.attempt.try,
    agent: plan.agent,
    model: plan.model,
    outcome,
    started_at,
    ended_at,
    wall_ms,
    messages_sent: record.messages.length,
    imported: { source: imported.source, form: imported.form, problems: imported.problems },
    agents: Object.fromEntries(
      record.agents.map(({ attempt_key: _key, position: _position, agent_id, patch, ...row }) => [
        agent_id,
        { ...row, patch_sha256: patch },
      ]),
    ),
  };
}
