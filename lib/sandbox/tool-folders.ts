// Owns which folders of the host hold the tools that commands may run, and who can look into them.
import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve, sep } from "node:path";

/** Folders of the host's PATH and of the running Bun, with whole tool homes such as ~/.pyenv. */
export function toolFolders(): string[] {
  const bun = [join(import.meta.dir, "../../node_modules"), resolve(process.execPath, "..")];
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => entry.startsWith(sep));
  const homes = new Set([homedir(), ...path.flatMap(closedAbove)]);
  const stores = [...homes].flatMap((home) => TOOL_STORES.map((name) => join(home, name)));
  const folders = [...[...path, ...bun].map((entry) => toolFolder(entry, [...homes])), ...stores];
  return [...new Set(folders.filter(existsSync).map((folder) => realpathSync(folder)))];
}

/** A folder that is closed to others is somebody's home, whatever HOME says. */
function toolFolder(entry: string, homes: readonly string[]): string {
  const folder = resolve(entry);
  const home = homes.find((one) => isStrictlyIn(folder, one));
  if (home === undefined || isInside(folder, join(import.meta.dir, "../.."))) return folder;
  const [first = ""] = folder.slice(resolve(home).length + 1).split(sep);
  return first.startsWith(".") && !SHARED_FOLDERS.has(first) ? join(home, first) : folder;
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

/** Folders above a tool that are closed to other users: an open one of that name takes their place. */
export function closedAbove(tool: string): string[] {
  const above = dirname(tool);
  if (above === tool) return [];
  return [...closedAbove(above), ...(isOpen(above) ? [] : [above])];
}

/** Whether every user of the host may look into it. */
export function isOpen(folder: string): boolean {
  // What we may not look at is nothing that we could lay in.
  return !existsSync(folder) || (statSync(folder).mode & 0o005) === 0o005;
}

export function isInside(path: string, folder: string): boolean {
  return resolve(path) === resolve(folder) || isStrictlyIn(path, folder);
}

export function isStrictlyIn(path: string, folder: string): boolean {
  return resolve(path).startsWith(resolve(folder) + sep);
}
