// Owns the labels of what Tandem makes in an engine: whose it is, for which unit, until when, and whether that is over.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export const MARK = "tandem=1";

export type Labels = Readonly<Record<string, string>>;

/** Labels for something that works for `key` and is of no use after `lifetime_ms`. */
export function labelsOf(key: string, lifetime_ms: number): Record<string, string> {
  return {
    tandem: "1",
    "tandem.run": key.split("/")[0] ?? key,
    "tandem.key": key,
    "tandem.owner": thisOwner(),
    "tandem.expires": new Date(Date.now() + lifetime_ms).toISOString(),
  };
}

let own: string | undefined;

/** `<host>/<process table>/<pid>/<start>`: this process, told apart from others that get its pid later or elsewhere. */
export function thisOwner(): string {
  own ??= [hostname(), processTable(), process.pid, processStart(process.pid) ?? ""].join("/");
  return own;
}

export type LeftReason = "owner gone" | "expired";

/** Why something with these labels is left over; undefined while it may be in use. */
export function leftReason(labels: Labels, now = Date.now()): LeftReason | undefined {
  if (ownerGone(labels["tandem.owner"] ?? "")) return "owner gone";
  const expires = Date.parse(labels["tandem.expires"] ?? "");
  return expires <= now ? "expired" : undefined;
}

/** Only a process table that we see can tell us that a process is not in it. */
function ownerGone(owner: string): boolean {
  const [host, table, pid, start] = owner.split("/");
  if (host !== hostname() || table !== processTable() || !pid || !start) return false;
  return processStart(Number(pid)) !== start;
}

/** The process namespace: two containers may share a host's name and yet not see each other's processes. */
function processTable(): string {
  if (process.platform !== "linux") return process.platform;
  return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
}

/** When a process began, in the system's own words; undefined when there is none with this pid. */
export function processStart(pid: number): string | undefined {
  if (process.platform === "linux") return startInProc(pid);
  const asked = Bun.spawnSync(["ps", "-o", "lstart=", "-p", String(pid)], {
    stderr: "ignore",
    env: { PATH: process.env.PATH },
  });
  return (
    asked.stdout
      .toString()
      .trim()
      .replace(/[\s/]+/g, "_") || undefined
  );
}

/** Field 22 of proc(5)'s stat: clock ticks between the boot and the process's start. */
function startInProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH"].includes(`${error.code}`))
      return undefined;
    throw error;
  }
}
