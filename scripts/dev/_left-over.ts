// Owns what tortured processes left on this machine and in its engine, told from others' by the name of its owner.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { isTemporary, removeFolder } from "../../lib/core/files.ts";
import { OWNER_TAG, ownerTag } from "../../lib/core/owner.ts";
import type { ProcessTable } from "./_process-table.ts";
import type { Place } from "./_tortured.ts";

/** Processes whose leavings are looked for: those named, and all that ever were in these process tables. */
export type Owners = {
  readonly names: ReadonlySet<string>;
  readonly tables: readonly ProcessTable[];
};

/** Containers, volumes and networks, as messages. */
export async function leftInEngine({ names, tables }: Owners): Promise<string[]> {
  const { findLeftovers } = await import("../../lib/sandbox/docker/reap.ts");
  const { openEngine } = await import("../../lib/sandbox/docker/engine.ts");
  const tableOf = (owner: string) => owner.split("/").slice(0, 2).join("/");
  const left = await findLeftovers(openEngine(), { all: true });
  return left
    .filter(
      ({ owner }) =>
        names.has(owner) || tables.some((table) => tableOf(table.owner) === tableOf(owner)),
    )
    .map(({ kind, key }) => `a ${kind} of ${key} is left`);
}

/** A study's own folder for temporary files: other programs, and other versions of this one, clear the system's. */
export function temporaryOf({ folder }: Place): string {
  const path = join(folder, "tmp");
  mkdirSync(path, { recursive: true });
  return path;
}

/** Scratch folders and files half written, by their paths; in shared memory those of the owners. */
function leftFiles(place: Place, owners: Owners): string[] {
  const logs = join(place.folder, "logs");
  const all = existsSync(logs) ? readdirSync(logs, { recursive: true }).map(String) : [];
  const isLeft = (path: string) => isTemporary(path) || /(^|\/)\.tmp\/[^/]+$/.test(path);
  return [
    ...all.filter(isLeft).map((path) => join(logs, path)),
    ...scratchIn(temporaryOf(place)),
    ...scratchIn("/dev/shm").filter((path) => isOf(path, owners)),
  ];
}

function scratchIn(root: string): string[] {
  const folder = join(root, `tandem-${userInfo().uid}`, ".tmp");
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

const NAME = new RegExp(`/(${OWNER_TAG})-[^/]*$`);

function isOf(path: string, { names, tables }: Owners): boolean {
  const tag = NAME.exec(path)?.[1];
  if (tag === undefined) return false;
  return (
    [...names].some((name) => ownerTag(name) === tag) ||
    tables.some(({ owner }) => tableOfTag(ownerTag(owner)) === tableOfTag(tag))
  );
}

function tableOfTag(tag: string): string {
  return tag.replace(/^\d+\.(.{8}).*$/, "$1");
}

/**
 * What is left over and `clean` does not know of in any of the tables; what it knows of is removed. In our own table
 * the next call removes scratch folders by itself, and only half-written files are left to it.
 */
export async function leftUnknown(place: Place, owners: Owners): Promise<string[]> {
  const { tables } = owners;
  const within = tables.length > 0 ? tables.map((table) => table.within) : [[]];
  const told = await Promise.all(within.map((start) => toldByClean(place, start)));
  const known = new Set(told.flat());
  const isKnown = (path: string) => known.has(path) && (tables.length > 0 || isTemporary(path));
  const left = leftFiles(place, owners);
  for (const path of left.filter(isKnown)) removeFolder(path);
  return left.filter((path) => !isKnown(path));
}

/** Paths and ids that would be removed. */
async function toldByClean(place: Place, within: readonly string[]): Promise<string[]> {
  const logs = ["--log-dir", join(place.folder, "logs")];
  const call = [join(import.meta.dir, "../clean.ts"), "--dry-run", "--json", ...logs];
  const child = Bun.spawn([...within, process.execPath, ...call], {
    env: { ...process.env, TMPDIR: temporaryOf(place) },
    stderr: "ignore",
  });
  const lines = (await new Response(child.stdout).text()).split("\n");
  return lines.flatMap((line) => (line === "" ? [] : [String(JSON.parse(line).id)]));
}
