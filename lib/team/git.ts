// Owns git sharing between the agents of an attempt: the remote `team` in each sandbox, with one branch per agent.
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import type { Sandbox, ShareMember } from "../sandbox/sandbox.ts";
import { FETCHES, MOST_VERSIONS, setUpScript, TEAM_REMOTE, teamDir } from "./git-scripts.ts";

export { TEAM_REMOTE };

const SET_UP_TIMEOUT_MS = 5 * 60_000;
const READ_TIMEOUT_MS = 20_000;
/** Fetches of one agent that are kept; later ones take what is there. */
const MOST_FETCHES = 2000;
const MOST_FETCHES_BYTES = 256 * 1024;
/** A replayed partner needs only the time of its commands; one that has diverged may never publish. */
const PATIENCE_S = 60;

const version = z.int().min(0).max(MOST_VERSIONS);
/** What one fetch took: the number of each partner's publication, 0 for the base. */
const fetchTaken = z.record(z.string().regex(/^[A-Za-z0-9][\w-]*$/), version);
/** The fetches of one agent, in order. */
export const fetchList = z.array(fetchTaken).max(MOST_FETCHES);
export type FetchTaken = Readonly<z.infer<typeof fetchTaken>>;

export type TeamOptions = {
  readonly signal?: AbortSignal | undefined;
  /** In a replay: what the original's fetches took. */
  readonly recorded?: readonly FetchTaken[] | undefined;
  /** Seconds that a fetch waits for what the recorded one took; 60 unless told. */
  readonly patience_s?: number | undefined;
};

/**
 * Lays the remote `team` into a sandbox that was opened with this share. From then on `git fetch team` brings the
 * partners' branches (`team/agent2`, at the base commit until its owner pushes), and `git push team HEAD` publishes the
 * agent's own; other branches refuse pushes. Needs no network: branches go through the share's folders, each of which
 * only its owner can write. Where nothing isolates sandboxes (local with `--unsafe-local`), only a hook enforces that
 * last rule. All that is laid in is in the repository's git folder; work tree, index and base stay as they were. With
 * `recorded`, the n-th fetch takes exactly the publications that the n-th recorded one took: it waits until they are
 * there, and when one does not come, it and all later fetches take what is there. Throws Fault `setup_failed`,
 * RangeError when the agent is not in the share, the signal's reason on abort.
 */
export async function setUpTeam(
  sandbox: Sandbox,
  member: ShareMember,
  { signal, recorded = [], patience_s = PATIENCE_S }: TeamOptions = {},
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
    recorded: recorded.map(fetchLine),
    patience_s,
  });
  const options = { timeout_ms: SET_UP_TIMEOUT_MS, ...(signal ? { signal } : {}) };
  const made = await sandbox.exec(script, options);
  if (made.exit_code === 0) return;
  const words = Buffer.from(made.output).toString("utf8").trim().split("\n").slice(-3).join(" | ");
  throw new Fault("setup_failed", `git sharing could not be set up for ${agent_id}: ${words}`, {
    hint: "the sandbox needs git and free disk space; without --git, agents share no branches",
  });
}

/**
 * What the fetches in a sandbox with the remote `team` took, in order, as far as {@link setUpTeam} can be given it. The
 * list is where the agent can write: one that cannot have come from fetches does not count. Throws the signal's reason
 * on abort and the backend's Faults.
 */
export async function takenFetches(sandbox: Sandbox, signal: AbortSignal): Promise<FetchTaken[]> {
  const file = `'${`${teamDir(sandbox)}/${FETCHES}`.replaceAll("'", "'\\''")}'`;
  const read = await sandbox.exec(
    `[ -f ${file} ] && [ ! -L ${file} ] && head -c ${MOST_FETCHES_BYTES} ${file}`,
    { timeout_ms: READ_TIMEOUT_MS, max_output_bytes: MOST_FETCHES_BYTES, signal },
  );
  if (read.exit_code !== 0 || read.dropped_bytes > 0) return [];
  const lines = Buffer.from(read.output).toString("latin1").split("\n").slice(0, -1);
  return z.array(lineRead).pipe(fetchList).safeParse(lines.slice(0, MOST_FETCHES)).data ?? [];
}

const LINE = /^[A-Za-z0-9][\w-]*=\d{1,5}(?: [A-Za-z0-9][\w-]*=\d{1,5})*$/;
const lineRead = z
  .string()
  .regex(LINE)
  .transform((line) =>
    Object.fromEntries(
      line.split(" ").map((word) => {
        const [agent_id = "", number] = word.split("=");
        return [agent_id, Number(number)];
      }),
    ),
  );

/** The reverse: the form that a sandbox stores. */
function fetchLine(taken: FetchTaken): string {
  return Object.entries(taken)
    .map(([agent_id, number]) => `${agent_id}=${number}`)
    .join(" ");
}
