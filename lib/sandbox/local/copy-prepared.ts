// Owns giving a sandbox its copy of what setup.sh prepared.
import { type CopyOptions, constants, mkdirSync, readdirSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { OpenOptions } from "../sandbox.ts";
import type { SharedMount } from "../share.ts";
import { type Layout, ROOM_PATHS } from "./layout.ts";
import type { Prepared } from "./repository.ts";
import { isStrictlyIn } from "./tool-folders.ts";

/**
 * Times of the files are kept: build tools compare them, and what setup.sh compiled must stay up to date. Returns what
 * is mounted instead of copied: large stores of the home, which agents only read; suites may add to them.
 */
export async function copyPrepared(
  prepared: Prepared,
  target: Layout["host"],
  purpose: OpenOptions["purpose"],
): Promise<SharedMount[]> {
  const turn = turns++ % AT_ONCE;
  const copy = async () => await copyNow(prepared, target, purpose);
  const mine = (lanes[turn] ?? Promise.resolve()).then(copy, copy);
  lanes[turn] = mine;
  return await mine;
}

/** A disk copies no faster when hundreds of sandboxes open at once, and each copy takes memory while it lasts. */
const AT_ONCE = 4;
const lanes: Promise<unknown>[] = [];
let turns = 0;

async function copyNow(
  { place, squashed, stores }: Prepared,
  target: Layout["host"],
  purpose: OpenOptions["purpose"],
): Promise<SharedMount[]> {
  const mode = constants.COPYFILE_FICLONE;
  const mounted = new Set(purpose === "agent" ? stores.map((name) => join(place, name)) : []);
  const left = new Set([...mounted, ...(purpose === "agent" ? [join(place, "repo/.git")] : [])]);
  const how = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode } as const;
  const source = target.place === target.root ? join(place, "repo") : place;
  const into = target.place === target.root ? target.repo : target.place;
  await copyBut(source, into, { left, how });
  if (purpose === "agent") await cp(squashed, join(target.repo, ".git"), how);
  return [...mounted].map((path) => {
    return {
      source: path,
      path: join(ROOM_PATHS.place, path.slice(place.length)),
      writable: false,
    };
  });
}

type Copying = { readonly left: ReadonlySet<string>; readonly how: CopyOptions };

/** Whole folders at once, except those from which something is omitted. */
async function copyBut(source: string, target: string, { left, how }: Copying): Promise<void> {
  if (![...left].some((path) => isStrictlyIn(path, source))) return await cp(source, target, how);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(source))
    if (!left.has(join(source, name)))
      await copyBut(join(source, name), join(target, name), { left, how });
}
