// Owns how a local command is kept away from the host: bubblewrap's arguments, and whether it works here.
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { Fault } from "../fault.ts";
import { asUser, hostUser } from "./host-user.ts";
import type { SharedMount } from "./share.ts";
import { closedAbove, isInside, isOpen, isStrictlyIn, toolFolders } from "./tool-folders.ts";

export type Isolation = {
  /** Folders an isolated command must not see: dataset, logs, ledger, the project itself. */
  readonly hidden: readonly string[];
  /** Folders of the sandboxes of one attempt, each writable in one of them. */
  readonly shared?: readonly SharedMount[];
  /** Folder for what commands keep in /tmp. */
  readonly tmp: string;
  /** The host's user that commands run as; undefined for ours. */
  readonly user: number | undefined;
};

let works: boolean | undefined;

/** Whether bubblewrap is installed and may do here what we ask of it; probed once a process. */
export function bubblewrapWorks(): boolean {
  const user = hostUser();
  works ??=
    Bun.which("bwrap") !== null &&
    Bun.spawnSync(
      ["bwrap", "--ro-bind", "/", "/", ...kernel(), ...powers(user), "--", ...asHost(user), "true"],
      {
        stdin: "ignore",
        stdout: "ignore",
        stderr: "ignore",
        env: { PATH: process.env.PATH },
      },
    ).success;
  return works;
}

/** Its own process table; all that is the kernel's, not a process's, to read only: what is written there is the host's. */
function kernel(): readonly string[] {
  ofKernel ??= kernelMounts();
  return ofKernel;
}
/** The same for every sandbox: there are hundreds at once. */
let ofKernel: readonly string[] | undefined;

function kernelMounts(): string[] {
  const entries = readdirSync("/proc", { withFileTypes: true })
    .filter((entry) => !/^\d+$/.test(entry.name) && (entry.isDirectory() || entry.isFile()))
    .map((entry) => join("/proc", entry.name))
    .filter((path) => isKernels(path));
  const readOnly = entries.flatMap((path) => ["--ro-bind-try", path, path]);
  return ["--dev", "/dev", "--unshare-pid", "--proc", "/proc", ...readOnly];
}

/** Folders, and files that somebody may write to. */
function isKernels(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.isDirectory() || (found.mode & 0o222) !== 0);
}

/** Started by root, bubblewrap would leave its powers, and with them any mount could be made writable again. */
function powers(user: number | undefined): string[] {
  if (user === undefined) return ["--cap-drop", "ALL"];
  const change = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"];
  return [...change, "--perms", "1777", "--tmpfs", "/dev/shm"];
}

/** Within the mounts: root alone can lay in tools out of a home that is closed to others. */
function asHost(user: number | undefined): string[] {
  return user === undefined ? [] : asUser(user);
}

/** The fault for commands of a model that nothing would isolate. */
export function isolationFault(): Fault {
  return new Fault(
    "isolation_missing",
    "the local backend has no bubblewrap to isolate commands of a model",
    {
      hint: "install bubblewrap (apt install bubblewrap; started by root, setpriv of util-linux too), use --backend docker, or accept the risk with --unsafe-local",
    },
  );
}

/**
 * Arguments that put bubblewrap before a command: the host read-only, the workspace, /tmp (and a shared folder of its
 * own) writable, the hidden folders and the home folder empty (tools on the PATH that live in them stay readable), the
 * working folder's files of keys unreadable, its own process table; as another user of the host where we are root.
 */
export function bubblewrapArgs(workspace: string, isolation: Isolation): string[] {
  const { user } = isolation;
  const own = { source: workspace, path: workspace, writable: true };
  const mounts = [own, ...(isolation.shared ?? [])];
  const folders = toolFolders();
  const closed = user === undefined ? [] : folders.flatMap(closedAbove);
  const hidden = [homedir(), tmpdir(), ...SOCKET_FOLDERS, ...isolation.hidden, ...closed]
    .filter(existsSync)
    .map((path) => realpathSync(path));
  const covered = [...hidden, "/tmp"];
  const tools = folders.filter((tool) => covered.some((folder) => isInside(tool, folder)));
  const laid = [...tools, ...mounts.map(({ path }) => path)];
  const hiddenInTools = hidden.filter((folder) => tools.some((tool) => isStrictlyIn(folder, tool)));
  return [
    "bwrap",
    ...["--ro-bind", "/", "/", ...kernel(), ...powers(user)],
    ...hidden.flatMap((path) => [...foldersAbove(path, covered), "--tmpfs", path]),
    ...["--bind", isolation.tmp, "/tmp"],
    ...[...new Set(laid.flatMap(firstInTmp))].flatMap((path) => ["--tmpfs", path]),
    ...laid.flatMap((path) => foldersAbove(path, covered)),
    ...tools.flatMap((path) => mountTool(path, user)),
    ...hiddenInTools.flatMap((path) => ["--tmpfs", path]),
    ...[...ENGINE_SOCKETS.filter(existsSync), ...keyFiles(hidden)].flatMap((path) => [
      "--ro-bind",
      "/dev/null",
      path,
    ]),
    ...mounts.flatMap(({ source, path, writable }) => [
      writable ? "--bind" : "--ro-bind",
      source,
      path,
    ]),
    ...["--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"],
    "--",
    ...asHost(user),
  ];
}

/**
 * What commands leave in /tmp stays for the next, links too, and what is mounted below would be laid in through them:
 * a folder that is a mount itself cannot be replaced.
 */
function firstInTmp(path: string): string[] {
  const [first = ""] = path.startsWith("/tmp/") ? path.slice(5).split(sep) : [];
  return first === "" ? [] : [join("/tmp", first)];
}

/** Bubblewrap would make what is missing above a mount for root alone. */
function foldersAbove(path: string, covered: readonly string[]): string[] {
  const above = dirname(path);
  if (!covered.some((folder) => isStrictlyIn(above, folder))) return [];
  return [...foldersAbove(above, covered), "--dir", above];
}

/** A tool's folder that is closed to other users is made anew, with what it holds in it. */
function mountTool(path: string, user: number | undefined): string[] {
  if (user === undefined || isOpen(path)) return ["--ro-bind", path, path];
  const inside = readdirSync(path).map((name) => join(path, name));
  return ["--tmpfs", path, ...inside.flatMap((each) => ["--ro-bind-try", each, each])];
}

/** A socket can be used on a read-only mount, and a container engine's socket is the whole host. */
const ENGINE_SOCKETS = ["/run/docker.sock"];
const SOCKET_FOLDERS = ["/run/user", "/run/podman", "/run/containerd"];

/** What Bun reads keys from, `.env` and its kin in the working folder, where that is not hidden as a whole. */
function keyFiles(hidden: readonly string[]): string[] {
  return readdirSync(process.cwd())
    .filter((name) => name === ".env" || name.startsWith(".env."))
    .map((name) => resolve(name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => realpathSync(path))
    .filter((path) => !hidden.some((folder) => isInside(path, folder)));
}
