// Owns which folders of the host hold the tools that commands may run, whole, and who can look into them.
import { existsSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join, resolve, sep } from "node:path";

/** What of the host is laid in for tools: folders as a whole, and files that links of these lead to. */
export type Tools = { readonly folders: readonly string[]; readonly files: readonly string[] };

const PROJECT = join(import.meta.dir, "../../..");

/** Homes of the tools that PATH names and of the running Bun, such as ~/.pyenv, and what links in them lead to. */
export function toolsOnPath(): Tools {
  const bun = [join(PROJECT, "node_modules"), resolve(process.execPath, "..")];
  const path = pathFolders();
  const homes = homesOf(path);
  const stores = homes.flatMap((home) => TOOL_STORES.map((name) => join(home, name)));
  const named = [...path.flatMap((entry) => toolHome(entry, homes)), ...bun, ...stores];
  const folders = outermost(named.filter(existsSync).map((folder) => realpathSync(folder)));
  const loose = path.filter((entry) => isNoTools(entry, homes)).flatMap(programsIn);
  const linked = [...path, ...loose].flatMap((entry) =>
    linksFrom(entry, [...SYSTEM, ...NEVER, ...folders]),
  );
  const more = linked.flatMap((file) => toolHome(dirname(file), homes, { onlyKnown: true }));
  const all = outermost([...folders, ...more]);
  const files = [...new Set([...loose, ...linked])].filter((file) => !isInAny(file, all));
  return { folders: all, files };
}

/** PATH as commands have it: folders that are there, by their real names. */
export function pathFolders(): string[] {
  const entries = (process.env.PATH ?? "").split(delimiter).filter((one) => one.startsWith(sep));
  return [...new Set(entries.filter(isFolder).map((entry) => realpathSync(entry)))];
}

/** Laid in whatever PATH says, or never. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store", "/gnu/store"];
const NEVER = ["/etc", "/proc", "/sys", "/dev", "/run"];

/** Folders that are closed to others are a user's home, whatever HOME says. */
function homesOf(path: readonly string[]): string[] {
  return [...new Set([homedir(), ...path.flatMap(closedAbove)].map(realOrSame))];
}

type Wanted = { readonly onlyKnown: boolean };

/** The whole that a folder of programs is a part of, else the folder itself; none where only its programs are tools. */
function toolHome(
  folder: string,
  homes: readonly string[],
  { onlyKnown }: Wanted = { onlyKnown: false },
): string[] {
  if (isInAny(folder, [...SYSTEM, ...NEVER])) return [];
  const whole =
    ownInstalls(folder) ?? ofHome(folder, homes) ?? ofOptional(folder) ?? prefixOf(folder, homes);
  if (whole !== undefined) return [whole];
  return onlyKnown || isNoTools(folder, homes) ? [] : [folder];
}

/** This project's folders hold more than tools, and a package's programs are of no use without what lies next to them. */
function ownInstalls(folder: string): string | undefined {
  const above = dirname(folder);
  return basename(folder) === ".bin" && basename(above) === "node_modules" ? above : undefined;
}

function ofHome(folder: string, homes: readonly string[]): string | undefined {
  const home = homes.find((one) => isStrictlyIn(folder, one));
  if (home === undefined || isInside(folder, PROJECT)) return undefined;
  const [first = "", second = "", third = ""] = folder.slice(home.length + 1).split(sep);
  if (first === ".local" && second === "share" && third !== "")
    return join(home, first, second, third);
  return first.startsWith(".") && !SHARED_FOLDERS.has(first) ? join(home, first) : undefined;
}

function ofOptional(folder: string): string | undefined {
  const [, first, name] = folder.split(sep);
  return first === "opt" && name !== undefined ? join("/opt", name) : undefined;
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
const TOOL_STORES = [
  ".rustup",
  ".local/lib",
  ".local/pipx",
  ".local/share/pipx",
  ".local/share/uv",
  ".local/share/mise",
];

/** `prefix/bin` of ~/go, ~/miniconda3, a node or an environment somewhere: the prefix, by what installations have in it. */
function prefixOf(folder: string, homes: readonly string[]): string | undefined {
  const prefix = dirname(folder);
  if (!PROGRAMS.has(basename(folder)) || isNoTools(prefix, homes)) return undefined;
  if (homes.some((home) => prefix === join(home, ".local"))) return undefined;
  const inside = new Set(namesIn(prefix));
  if (NO_INSTALLATION.some((name) => inside.has(name))) return undefined;
  return INSTALLED.some((name) => inside.has(name)) ? prefix : undefined;
}

const PROGRAMS = new Set(["bin", "sbin", "shims", "condabin", "libexec"]);
const INSTALLED = [
  "lib",
  "lib64",
  "libexec",
  "share",
  "include",
  "pkg",
  "conda-meta",
  "pyvenv.cfg",
];
/** Somebody works there. */
const NO_INSTALLATION = [".git", ".env", ".hg", ".svn"];

/** Whether the folder is, or is above, what must not be laid in as a whole: homes, this project, the system's top. */
function isNoTools(folder: string, homes: readonly string[]): boolean {
  const kept = [...homes, PROJECT, process.cwd(), "/tmp", "/etc/x", "/var/x", "/home/x", "/root"];
  return kept.some((one) => isInside(one, folder));
}

/** Programs that lie loose among other things. */
function programsIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => !name.startsWith("."))
    .map((name) => join(folder, name))
    .filter((path) => {
      const found = look(path);
      return found?.isFile() === true && (found.mode & 0o111) !== 0;
    });
}

/** Where links of a folder lead, step by step, if that is a file outside of what is laid in. */
function linksFrom(place: string, laid: readonly string[]): string[] {
  const links = isFolder(place)
    ? readdirSync(place, { withFileTypes: true })
        .filter((entry) => entry.isSymbolicLink())
        .map(({ name }) => join(place, name))
    : [place];
  return links.flatMap((link) => chainOf(link, laid)).filter((file) => !isInAny(file, laid));
}

const MOST_LINKS = 10;

function chainOf(link: string, laid: readonly string[]): string[] {
  try {
    const end = realpathSync(link);
    if (end === link || isInAny(end, laid) || !statSync(end).isFile()) return [];
    const found = [end];
    for (let at = link; at !== end && found.length < MOST_LINKS; found.push(at))
      at = resolve(realpathSync(dirname(at)), readlinkSync(at));
    return found;
  } catch {
    // It leads nowhere, or where we may not look.
    return [];
  }
}

/** Without those that lie in others. */
function outermost(folders: readonly string[]): string[] {
  const all = [...new Set(folders)];
  return all.filter((one) => !all.some((other) => isStrictlyIn(one, other)));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // What we may not look into is not a tool here.
    return [];
  }
}

function isFolder(path: string): boolean {
  return look(path)?.isDirectory() === true;
}

/** Undefined for what is not there, and for what we may not look at: neither could be laid in. */
function look(path: string): Stats | undefined {
  return existsSync(path) ? statSync(path) : undefined;
}

function realOrSame(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** Folders above a tool that are closed to other users. */
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

export function isInAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(path, folder));
}

export function isInside(path: string, folder: string): boolean {
  return plain(path) === plain(folder) || isStrictlyIn(path, folder);
}

export function isStrictlyIn(path: string, folder: string): boolean {
  const [above, below] = [plain(folder), plain(path)];
  if (above === sep) return below !== sep;
  return below.length > above.length && below[above.length] === sep && below.startsWith(above);
}

/** As `resolve` has it: asked some thousand times for every room, and nearly always of paths that are so already. */
function plain(path: string): string {
  return path.startsWith(sep) && !UNPLAIN.test(path) ? path : resolve(path);
}

const UNPLAIN = /\/\.{0,2}(\/|$)/;
