// Owns how a local command is kept away from the host: a room built from nothing by bubblewrap, and whether it works here.
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../core/fault.ts";
import type { Network } from "../network.ts";
import type { SharedMount } from "../share.ts";
import { asUser, hostUser } from "./host-user.ts";
import { keyFiles } from "./key-files.ts";
import { emptied, firstIn, foldersAbove, mount, mountTool, readOnly } from "./mounts.ts";
import { systemFolders } from "./system-files.ts";
import { isInAny, isStrictlyIn, type Tools, toolsOnPath } from "./tool-folders.ts";

/** What precedes a command that is to be in a network of others. */
export type RoomNetwork = Exclude<Network, "gateway"> | { readonly enter: readonly string[] };

/** What is in a room besides the system and tools. */
export type Room = {
  /** Places of its own, its repository among them: in this order, each perhaps inside one before. */
  readonly mounts: readonly SharedMount[];
  /** Folder to be laid in as /etc, and the one with the room's own files of it. */
  readonly etc: string;
  readonly own_etc: string;
  /** Folders that must not be seen even where a tool's home holds them: dataset, logs, ledger, the project itself. */
  readonly hidden: readonly string[];
  readonly network: RoomNetwork;
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
      [
        ...["bwrap", ...systemFolders(), ...kernel(), ...powers(user), ...apart("none")],
        ...["--", ...asHost(user), "true"],
      ],
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

/** Folders, and files that are writable. */
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

/** What it does not share with the host, and that it ends with us. */
function apart(network: RoomNetwork): string[] {
  const net = network === "none" ? ["--unshare-net"] : [];
  return [...net, "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"];
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
 * Arguments that put bubblewrap before a command. The room has nothing but what is listed: the system's folders and some
 * files of /etc, the homes of tools that PATH names, the room's own mounts, its own process table; no network unless it
 * is open; all to read only but the mounts that say otherwise; as another user of the host where we are root.
 */
export function bubblewrapArgs(room: Room): string[] {
  const { user, network } = room;
  const tools = toolsAtHand();
  const hidden = room.hidden.filter(existsSync).map((path) => realpathSync(path));
  const writable = ["/tmp", ...room.mounts.filter((one) => one.writable).map(({ path }) => path)];
  const folders = tools.folders.filter((path) => !hidden.includes(path));
  const isLate = (path: string) => isInAny(path, writable);
  const lay = (late: boolean) => [
    ...folders.filter((path) => isLate(path) === late).flatMap((path) => mountTool(path, user)),
    ...tools.files.filter((path) => isLate(path) === late).flatMap(readOnly),
  ];
  const laid = [...folders, ...tools.files];
  const late = laid.filter(isLate);
  const [first, ...mounts] = room.mounts;
  return [
    ...(typeof network === "object" ? network.enter : []),
    ...["bwrap", ...systemFolders(), ...various(laid), ...foldersAbove(laid)],
    ...ofEtc(room),
    ...[...kernel(), ...powers(user)],
    ...lay(false),
    ...(first === undefined ? [] : mount(first)),
    ...mounts.flatMap(mount),
    ...[...new Set(late.flatMap((path) => firstIn(path, writable)))].flatMap(emptied),
    ...foldersAbove(late, writable),
    ...lay(true),
    ...hidden.filter((path) => isLaid(path, folders)).flatMap(emptied),
    ...keyFiles(folders).flatMap((path) => ["--ro-bind", "/dev/null", path]),
    ...["--remount-ro", "/", ...apart(network)],
    ...["--", ...asHost(user)],
  ];
}

/** The same for every sandbox of a process. */
function toolsAtHand(): Tools {
  const about = `${process.env.PATH}\n${process.env.HOME}`;
  if (known?.about !== about) known = { about, tools: toolsOnPath() };
  return known.tools;
}
let known: { readonly about: string; readonly tools: Tools } | undefined;

/** Programs look for these, and find nothing of the host's there but tools. */
function various(tools: readonly string[]): string[] {
  const hasTools = tools.some((path) => isStrictlyIn(path, "/var/tmp"));
  return [
    ...["--dir", "/run", "--dir", "/var", "--symlink", "/run", "/var/run"],
    ...(hasTools ? ["--dir", "/var/tmp"] : ["--symlink", "/tmp", "/var/tmp"]),
  ];
}

function ofEtc({ etc, own_etc, network }: Room): string[] {
  const own = ["passwd", "group", ...(network === "open" ? [] : ["hosts"])];
  return [
    ...["--ro-bind", etc, "/etc"],
    ...own.flatMap((name) => ["--ro-bind", join(own_etc, name), join("/etc", name)]),
  ];
}

function isLaid(path: string, folders: readonly string[]): boolean {
  return [...folders, "/usr", "/nix/store"].some((folder) => isStrictlyIn(path, folder));
}
