// Owns what tells one process from another, later or elsewhere: an owner's name, and whether that owner is gone.
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

let own: string | undefined;

/**
 * `<host>/<process table>/<pid>/<start>`: this process, told apart from others that get its pid later or elsewhere. The
 * table names the boot as well: every machine's first process namespace has the same number.
 */
export function thisOwner(): string {
  own ??= [hostname(), processTable(), process.pid, ownStart()].join("/");
  return own;
}

/** The name of another process of our table; undefined when there is none with this pid. */
export function ownerOf(pid: number): string | undefined {
  const start = processStart(pid);
  return start && [hostname(), processTable(), pid, start].join("/");
}

/**
 * Whether the process that an owner's name names is gone. Only a process table that we see can tell us that a process is
 * not in it: owners of other machines, containers and boots are never said to be gone.
 */
export function ownerGone(owner: string): boolean {
  const [, , pid, start] = owner.split("/");
  if (!ownerVisible(owner) || !pid || !start) return false;
  return isGone(Number(pid), (now) => now === start);
}

/** Whether the owner's process would be in the process table that we see. */
export function ownerVisible(owner: string): boolean {
  const [host, table] = owner.split("/");
  return host === hostname() && table === processTable() && seesOwnTable();
}

/** `silent`: on another machine, and not heard of for a minute; it cannot be told from here whether it lives. */
export type Presence = "alive" | "silent" | "gone";
const SILENT_MS = 60_000;

/** Whether an owner is there, whose last heartbeat was so many milliseconds ago. */
export function presenceOf(owner: string, heartbeat_age_ms: number): Presence {
  if (ownerVisible(owner)) return ownerGone(owner) ? "gone" : "alive";
  return heartbeat_age_ms > SILENT_MS ? "silent" : "alive";
}

/**
 * The owner's name in the form that fits into names of files and images: `<pid>.<16 hex digits>`, the first eight for
 * host and process table, the others for the start.
 */
export function ownerTag(owner?: string): string {
  if (owner !== undefined) return tagOf(owner);
  ownTag ??= tagOf(thisOwner());
  return ownTag;
}

let ownTag: string | undefined;

function tagOf(owner: string): string {
  const [host = "", table = "", pid = "", start = ""] = owner.split("/");
  return `${pid}.${short(`${host}/${table}`)}${short(start)}`;
}

/** As a pattern: what {@link ownerTag} makes, and nothing else. */
export const OWNER_TAG = "\\d+\\.[0-9a-f]{16}";
const TAG = new RegExp(`^${OWNER_TAG}$`);

/** {@link ownerGone} for a tag; what is not a tag names no process, and is never said to be gone. */
export function tagGone(tag: string): boolean {
  // Where there are hundreds of Tandem's folders, each new one is made next to all of them.
  if (tag === ownerTag() || !TAG.test(tag) || !seesOwnTable()) return false;
  const [pid = "", hash = ""] = tag.split(".");
  const [host = "", table = ""] = thisOwner().split("/");
  if (hash.slice(0, 8) !== short(`${host}/${table}`)) return false;
  return isGone(Number(pid), (now) => short(now) === hash.slice(8));
}

function short(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** A process that is there, but whose start is unknown, may be the one. */
function isGone(pid: number, isStart: (start: string) => boolean): boolean {
  const now = processStart(pid);
  return now === undefined ? !isAlive(pid) : !isStart(now);
}

/** The process namespace and the boot: two containers may share a host's name and yet not see each other's processes. */
function processTable(): string {
  if (process.platform !== "linux") return process.platform;
  return `${bootId()}.${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
}

let boot: string | undefined;

/** Changes with every boot, and differs between machines with the same name. */
function bootId(): string {
  boot ??= readOrNothing("/proc/sys/kernel/random/boot_id")?.replace(/\W/g, "").slice(0, 12) ?? "";
  return boot;
}

/** /proc may still show the table around ours, where our pids are other processes. */
function seesOwnTable(): boolean {
  return process.platform !== "linux" || readlinkSync("/proc/self") === String(process.pid);
}

function ownStart(): string {
  return (process.platform === "linux" ? startInProc("self") : processStart(process.pid)) ?? "";
}

/** When a process began, in the system's own words; undefined when there is none with this pid, or none that we may see. */
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
function startInProc(pid: number | "self"): string | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? DEAD : fields[18];
}

/** No start of a process that runs: one that only waits to be reaped is still there, and yet gone. */
const DEAD = "dead";

/** Undefined for what is not there, and for what `hidepid` keeps from us. */
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    const hidden = ["ENOENT", "ESRCH", "EPERM", "EACCES"];
    if (error instanceof Error && "code" in error && hidden.includes(`${error.code}`))
      return undefined;
    throw error;
  }
}

/** Whether our process table has this pid (signal 0; EPERM means that it is there, under another user). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
