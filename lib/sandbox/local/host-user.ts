// Owns whom isolated commands run as on the host: where root started us, a user of its own for every sandbox.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Numbers that no system gives to anybody: the last of those for containers, then those of services that come and go. */
const POOLS = [
  { first: 2_000_000_000, count: 1_000_000 },
  { first: 61_184, count: 4_336 },
] as const;
const TRIES = 20;

/**
 * A user and group number for one sandbox, which no folder in `parent` belongs to yet; undefined where commands cannot
 * have a user other than ours: we are not root, or root of a namespace without other users.
 */
export function hostUser(parent?: string): number | undefined {
  const pool = process.getuid?.() === 0 ? POOLS.find(isMapped) : undefined;
  if (pool === undefined) return undefined;
  const taken = parent === undefined ? [] : ownersIn(parent);
  for (let tries = 0; tries < TRIES; tries++) {
    const user = pool.first + Math.floor(Math.random() * pool.count);
    if (!taken.includes(user)) return user;
  }
  return undefined;
}

/** Each folder is looked at until it has been given to a user: there are hundreds at once. */
function ownersIn(parent: string): number[] {
  const paths = readdirSync(parent).map((name) => join(parent, name, "w"));
  if (owners.size > 2 * paths.length) owners.clear();
  return paths.flatMap((path) => {
    const owner = owners.get(path) ?? ownerOf(path);
    if (owner !== undefined && owner !== process.getuid?.()) owners.set(path, owner);
    return owner ?? [];
  });
}

/** By path; a name of a folder is never given again. */
const owners = new Map<string, number>();

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.uid;
  } catch (error) {
    // No folder, so no sandbox.
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Whether this process may become every user of the pool. */
function isMapped({ first, count }: (typeof POOLS)[number]): boolean {
  const covers = (file: string) =>
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .some(([start = 0, , length = 0]) => start <= first && first + count <= start + length);
  return covers("/proc/self/uid_map") && covers("/proc/self/gid_map");
}

/** What precedes a program that is to run as that user, without any of our privileges or groups. */
export function asUser(user: number): string[] {
  const setpriv = Bun.which("setpriv") ?? "setpriv";
  const ids = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  return [setpriv, ...ids, "--inh-caps=-all", "--no-new-privs"];
}
