// Owns how a local command is kept away from the host: bubblewrap's arguments, and whether it works here.
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve, sep } from "node:path";
import { Fault } from "../fault.ts";
import type { SharedMount } from "./share.ts";

export type Isolation = {
  /** Folders an isolated command must not see: dataset, logs, ledger, the project itself. */
  readonly hidden: readonly string[];
  /** Folders of the sandboxes of one attempt, each writable in one of them. */
  readonly shared?: readonly SharedMount[];
};

let works: boolean | undefined;

/** Whether bubblewrap is installed and may make namespaces here; probed once a process. */
export function bubblewrapWorks(): boolean {
  works ??=
    Bun.which("bwrap") !== null &&
    Bun.spawnSync(["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      env: { PATH: process.env.PATH },
    }).success;
  return works;
}

/** The fault for commands of a model that nothing would isolate. */
export function isolationFault(): Fault {
  return new Fault(
    "isolation_missing",
    "the local backend has no bubblewrap to isolate commands of a model",
    {
      hint: "install bubblewrap (apt install bubblewrap), use --backend docker, or accept the risk with --unsafe-local",
    },
  );
}

/**
 * Arguments that put bubblewrap before a command: the host read-only, the workspace (and a shared folder of its own)
 * writable, the hidden folders and the home folder empty (tools on the PATH that live in them stay readable), the working
 * folder's files of keys unreadable, its own process table.
 */
export function bubblewrapArgs(workspace: string, isolation: Isolation): string[] {
  const hidden = [homedir(), tmpdir(), ...SOCKET_FOLDERS, ...isolation.hidden]
    .filter(existsSync)
    .map((path) => realpathSync(path));
  const tools = toolFolders().filter((tool) => hidden.some((folder) => isInside(tool, folder)));
  const hiddenInTools = hidden.filter((folder) => tools.some((tool) => isStrictlyIn(folder, tool)));
  return [
    "bwrap",
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...hidden.flatMap((path) => ["--tmpfs", path]),
    ...tools.flatMap((path) => ["--ro-bind", path, path]),
    ...hiddenInTools.flatMap((path) => ["--tmpfs", path]),
    ...[...ENGINE_SOCKETS.filter(existsSync), ...keyFiles(hidden)].flatMap((path) => [
      "--ro-bind",
      "/dev/null",
      path,
    ]),
    ...["--bind", workspace, workspace],
    // Their parents are made anew in the empty temporary folder: no command can have left a link there.
    ...(isolation.shared ?? []).flatMap(({ source, path, writable }) => [
      writable ? "--bind" : "--ro-bind",
      source,
      path,
    ]),
    // Started by root, bubblewrap would leave its powers, and with them any mount could be made writable again.
    ...["--cap-drop", "ALL"],
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"],
    "--",
  ];
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

/** Folders of the host's PATH and of the running Bun, with whole tool homes such as ~/.pyenv. */
function toolFolders(): string[] {
  const bun = [join(import.meta.dir, "../../node_modules"), resolve(process.execPath, "..")];
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => entry.startsWith(sep));
  const stores = TOOL_STORES.map((name) => join(homedir(), name));
  const folders = [...[...path, ...bun].map(toolFolder), ...stores].filter(existsSync);
  return [...new Set(folders.map((folder) => realpathSync(folder)))];
}

function toolFolder(entry: string): string {
  const home = homedir();
  if (!isStrictlyIn(entry, home) || isInside(entry, join(import.meta.dir, "../..")))
    return resolve(entry);
  const first =
    resolve(entry)
      .slice(resolve(home).length + 1)
      .split(sep)[0] ?? "";
  return first.startsWith(".") && !SHARED_FOLDERS.has(first) ? join(home, first) : resolve(entry);
}

/** Folders of the home that hold much besides one tool, secrets among it. */
const SHARED_FOLDERS = new Set([
  ".ssh",
  ".aws",
  ".cache",
  ".config",
  ".gnupg",
  ".docker",
  ".kube",
  ".local",
  ".netrc",
]);

/** Where programs that lie elsewhere on the PATH keep their other half. */
const TOOL_STORES = [".rustup", ".local/lib", ".local/share/pipx", ".local/share/uv"];

function isInside(path: string, folder: string): boolean {
  return resolve(path) === resolve(folder) || isStrictlyIn(path, folder);
}

function isStrictlyIn(path: string, folder: string): boolean {
  return resolve(path).startsWith(resolve(folder) + sep);
}
