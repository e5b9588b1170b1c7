// Owns how what a replay answers from travels: the recorded files of the original attempt, by the hash of their bundle.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunConfig } from "../attempt/config.ts";
import { agentFolder, RECORDED_FILES } from "../attempt/recorded.ts";
import { type AttemptId, attemptKey } from "../core/keys.ts";
import { recordingOfRun } from "../model/replay.ts";
import { folderEntries } from "./bundle.ts";
import type { Outgoing } from "./outgoing.ts";

type Replayed = {
  readonly attempt: AttemptId;
  readonly log_dir: string;
  readonly config: RunConfig;
};

/** Hash of a bundle that is a folder of logs with that attempt alone; null for no replay. Throws Fault `recording_missing`. */
export function carryRecording(
  { attempt, log_dir, config }: Replayed,
  outgoing: Outgoing,
): string | null {
  if (config.replay_of === null) return null;
  const original = attemptKey({ ...attempt, run: config.replay_of });
  const folder = join(log_dir, original);
  const name = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const found = existsSync(folder) ? folderEntries(folder) : [];
  const kept = found.filter(({ path }) => RECORDED_FILES.includes(name(path)));
  if (!kept.some(({ path }) => path.startsWith(`${agentFolder(config, "agent1")}/calls.`)))
    recordingOfRun({ log_dir, run: config.replay_of }, callerOf(attempt, config));
  const entries = kept.map((entry) => ({ ...entry, path: `${original}/${entry.path}` }));
  return outgoing.addFiles(`the recording of ${original}`, entries);
}

function callerOf(attempt: AttemptId, { setting }: RunConfig) {
  const { features } = attempt;
  return { attempt_key: attemptKey(attempt), task_dir: "", setting, features, agent_id: "agent1" };
}
