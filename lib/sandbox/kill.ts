// Owns ending everything that one command started: its process group and, where /proc tells, its session.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { GRACE_MS } from "./sandbox.ts";

/** New processes may appear while the old ones are being killed; after this many rounds we stop looking. */
const MOST_ROUNDS = 20;
const LOOK_MS = 50;

/** Kills a process group; one that is gone already is what we want. */
export function killGroup(pid: number): void {
  killQuietly(-pid);
}

/**
 * Kills every process of the session that `leader` began. `timeout` and shells with job control give their
 * children process groups of their own, which {@link killGroup} does not reach. Does nothing where there is no /proc.
 */
export function killSession(leader: number): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const members = sessionMembers(leader);
    if (members.length === 0) return;
    for (const pid of members) killQuietly(pid);
  }
}

/**
 * Gives the rest of a session a while to end by itself, or until `isStopped`, and kills it. Returns how many processes
 * that were.
 */
export async function endSession(leader: number, isStopped: () => boolean): Promise<number> {
  const deadline = performance.now() + GRACE_MS;
  let left = sessionMembers(leader);
  while (left.length > 0 && performance.now() < deadline && !isStopped()) {
    await Bun.sleep(LOOK_MS);
    left = sessionMembers(leader);
  }
  killSession(leader);
  return left.length;
}

function sessionMembers(session: number): number[] {
  if (!existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => sessionOf(pid) === session);
}

/** The session of a process that runs; undefined for one that is gone or only waits to be reaped. */
function sessionOf(pid: number): number | undefined {
  const stat = statOf(pid);
  // The name in parentheses may hold spaces and parentheses: the fields are counted behind its end.
  const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === undefined || "ZX".includes(state) ? undefined : Number(session);
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

/** Kills a process; one that is gone already is what we want. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "ENOENT")
  );
}
