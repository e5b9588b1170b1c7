// Owns git sharing between the agents of an attempt: the remote `team` in each sandbox, with a branch an agent.
import { Fault } from "../fault.ts";
import type { Sandbox, ShareMember } from "../sandbox/sandbox.ts";
import { setUpScript, TEAM_REMOTE } from "./git-scripts.ts";

export { TEAM_REMOTE };

const SET_UP_TIMEOUT_MS = 5 * 60_000;

/**
 * Lays the remote `team` into a sandbox that was opened with this share. From then on `git fetch team` brings the
 * partners' branches (`team/agent2`, at the base commit until its owner pushes), and `git push team HEAD` publishes
 * the agent's own; other branches refuse pushes. Needs no network: branches go through the share's folders, each of
 * which only its owner can write. Where nothing isolates sandboxes (local with `--unsafe-local`), that last is only
 * a hook's word. All that is laid in is in the repository's git folder; work tree, index and base stay as they were.
 * Throws Fault `setup_failed`, RangeError when the agent is not in the share, the signal's reason on abort.
 */
export async function setUpTeam(
  sandbox: Sandbox,
  member: ShareMember,
  signal?: AbortSignal,
): Promise<void> {
  const { agent_id, share } = member;
  const own = share.folders.find((folder) => folder.agent_id === agent_id);
  if (own === undefined) throw new RangeError(`${agent_id} has no folder in this share`);
  const script = setUpScript({
    agent_id,
    repo_path: sandbox.repo_path,
    base_commit: sandbox.base_commit,
    folder: own.path,
    partners: share.folders
      .filter((folder) => folder !== own)
      .map((folder) => ({ agent_id: folder.agent_id, folder: folder.path })),
  });
  const options = { timeout_ms: SET_UP_TIMEOUT_MS, ...(signal ? { signal } : {}) };
  const made = await sandbox.exec(script, options);
  if (made.exit_code === 0) return;
  const words = Buffer.from(made.output).toString("utf8").trim().split("\n").slice(-3).join(" | ");
  throw new Fault("setup_failed", `git sharing could not be set up for ${agent_id}: ${words}`, {
    hint: "the sandbox needs git and room on its disk; without --git agents share no branches",
  });
}
