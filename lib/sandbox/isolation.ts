// Owns how a local command is kept away from the host: bubblewrap's arguments, and whether it works here.
import { existsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve, sep } from "node:path";
import { Fault } from "../fault.ts";

export type Isolation = {
  /** Folders an isolated command must not see: dataset, logs, ledger, the project itself. */
  readonly hidden: readonly string[];
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
 * Arguments that put bubblewrap before a command: the host read-only, the workspace writable, the hidden folders
 * and the home folder empty (tools on the PATH that live in them stay readable), its own process table.
 */
export function bubblewrapArgs(workspace: string, isolation: Isolation): string[] {
  const hidden = [homedir(), tmpdir(), ...isolation.hidden]
    .map((path) => resolve(path))
    .filter(existsSync);
  const tools = toolFolders().filter((tool) => hidden.some((folder) => isInside(tool, folder)));
  return [
    "bwrap",
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...hidden.flatMap((path) => ["--tmpfs", path]),
    ...tools.flatMap((path) => ["--ro-bind", path, path]),
    ...["--bind", workspace, workspace],
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"],
    "--",
  ];
}

/** Folders of the host's PATH and of the running Bun, with whole tool homes such as ~/.pyenv. */
function toolFolders(): string[] {
  const home = homedir();
  const bun = [join(import.meta.dir, "../../node_modules"), resolve(process.execPath, "..")];
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => entry.startsWith(sep));
  const folders = [...path, ...bun].map((entry) => {
    if (!isInside(entry, home) || isInside(entry, join(import.meta.dir, "../..")))
      return resolve(entry);
    const first = entry.slice(home.length + 1).split(sep)[0] ?? "";
    return first.startsWith(".") && !SECRET.has(first) ? join(home, first) : resolve(entry);
  });
  return [...new Set(folders)].filter(existsSync);
}

const SECRET = new Set([".ssh", ".aws", ".config", ".gnupg", ".docker", ".kube", ".netrc"]);

function isInside(path: string, folder: string): boolean {
  const base = resolve(folder);
  return resolve(path) === base || resolve(path).startsWith(base + sep);
}
