// Owns what tells one process from another, later or elsewhere: an owner's name, and whether that owner is gone.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

let own: string | undefined;

/** `<host>/<process table>/<pid>/<start>`: this process, told apart from others that get its pid later or elsewhere. */
export function thisOwner(): string {
  own ??= [hostname(), processTable(), process.pid, processStart(process.pid) ?? ""].join("/");
  return own;
}

/**
 * Whether the process that an owner's name names is gone. Only a process table that we see can tell us that a process is
 * not in it: owners of other machines are never said to be gone.
 */
export function ownerGone(owner: string): boolean {
  const [, , pid, start] = owner.split("/");
  if (!ownerVisible(owner) || !pid || !start) return false;
  return processStart(Number(pid)) !== start;
}

/** Whether the owner's process would be in the process table that we see. */
export function ownerVisible(owner: string): boolean {
  const [host, table] = owner.split("/");
  return host === hostname() && table === processTable();
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
