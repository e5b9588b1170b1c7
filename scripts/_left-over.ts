// Owns what tortured processes left on this machine and in its engine, told from others' by the name of its owner.
import { existsSync, readdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { isTemporary, removeFolder } from "../lib/files.ts";
import { OWNER_TAG, ownerTag } from "../lib/owner.ts";
import type { ProcessTable } from "./_process-table.ts";
import type { Place } from "./_tortured.ts";

/** Processes whose leavings are looked for: those named, and all that ever were in these process tables. */
export type Owners = {
  readonly names: ReadonlySet<string>;
  readonly tables: readonly ProcessTable[];
};

/** Containers, volumes and networks, in words. */
export async function leftInEngine({ names, tables }: Owners): Promise<string[]> {
  const { findLeftovers } = await import("../lib/sandbox/docker/reap.ts");
  const { openEngine } = await import("../lib/sandbox/docker/engine.ts");
  const tableOf = (owner: string) => owner.split("/").slice(0, 2).join("/");
  const left = await findLeftovers(openEngine(), { all: true });
  return left
    .filter(
      ({ owner }) =>
        names.has(owner) || tables.some((table) => tableOf(table.owner) === tableOf(owner)),
    )
    .map(({ kind, key }) => `a ${kind} of ${key} is left`);
}

/** Scratch folders in the system's places for them and files half written, by their paths. */
export function leftFiles({ folder }: Place, owners: Owners): string[] {
  const logs = join(folder, "logs");
  const all = existsSync(logs) ? readdirSync(logs, { recursive: true }).map(String) : [];
  const shared = [tmpdir(), "/dev/shm"].flatMap((root) => {
    const place = join(root, `tandem-${userInfo().uid}`, ".tmp");
    return existsSync(place) ? readdirSync(place).map((name) => join(place, name)) : [];
  });
  const isLeft = (path: string) => isTemporary(path) || /(^|\/)\.tmp\/[^/]+$/.test(path);
  return [
    ...all.filter(isLeft).map((path) => join(logs, path)),
    ...shared.filter((path) => isOf(path, owners)),
  ];
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

/** What is left over and `clean` does not know of in any of the tables; what it knows of is removed. */
export async function leftUnknown(place: Place, owners: Owners): Promise<string[]> {
  const known = new Set<string>();
  const logs = join(place.folder, "logs");
  const clean = [join(import.meta.dir, "clean.ts"), "--dry-run", "--json", "--log-dir", logs];
  for (const { within } of owners.tables) {
    const child = Bun.spawn([...within, process.execPath, ...clean], { stderr: "ignore" });
    for (const line of (await new Response(child.stdout).text()).split("\n"))
      if (line !== "") known.add(String(JSON.parse(line).id));
    await child.exited;
  }
  const left = leftFiles(place, owners);
  for (const path of left.filter((one) => known.has(one))) removeFolder(path);
  return left.filter((path) => !known.has(path));
}
