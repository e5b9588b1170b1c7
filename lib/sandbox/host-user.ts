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
 * have another user than ours: we are not root, or root of a namespace that knows nobody else.
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

function ownersIn(parent: string): number[] {
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(
      ({ name }) => lstatSync(join(parent, name, "w"), { throwIfNoEntry: false })?.uid ?? [],
    );
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

/** What precedes a program that is to run as that user, without any power or group of ours. */
export function asUser(user: number): string[] {
  const setpriv = Bun.which("setpriv") ?? "setpriv";
  const ids = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  return [setpriv, ...ids, "--inh-caps=-all", "--no-new-privs"];
}
