// Owns what outlasts a power cut: files, renames and new folders that are on the disk once a call here has returned.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { eachOf } from "./pool.ts";

/** Files that are synced at a time: the file system gathers them into few writes of its journal. */
const AT_ONCE = 16;
/** From this many files on, one call for the whole file system is cheaper than one for each. */
const MANY_FILES = 500;

/** Brings a file's bytes, or a folder's entries, to the disk. Throws errors of the file system. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } catch (error) {
    if (!isUnable(error) || !statSync(path).isDirectory()) throw error;
  } finally {
    closeSync(file);
  }
}

/** Some file systems (network shares, some in user space) cannot sync a folder: nothing more can be done there. */
function isUnable(error: unknown): boolean {
  const codes = ["EINVAL", "EBADF", "ENOTSUP", "EISDIR"];
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** Makes a folder with those above it. Each new one is entered in its parent on the disk. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  const topmost = resolve(first);
  for (let level = resolve(path); ; level = dirname(level)) {
    syncPath(dirname(level));
    if (level === topmost || level === dirname(level)) return;
  }
}

/** Renames a whole file. Its bytes are on the disk before it has the name, and the name when this returns. */
export function placeFile(from: string, to: string): void {
  syncPath(from);
  renameSync(from, to);
  syncPath(dirname(to));
}

/** Renames a folder that is settled. The name is on the disk when this returns. */
export function moveFolder(from: string, to: string): void {
  makeFolder(dirname(to));
  renameSync(from, to);
  syncPath(dirname(to));
}

/** Brings all that is below a folder to the disk, and the folder. Throws errors of the file system. */
export async function settle(folder: string): Promise<void> {
  const below = readdirSync(folder, { recursive: true, withFileTypes: true });
  if (below.length >= MANY_FILES && (await syncFileSystem(folder))) return;
  const paths = below
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  await settlePaths([...paths, folder]);
}

/** Brings files and folders to the disk, many at a time. They lie in one file system. */
export async function settlePaths(paths: readonly string[]): Promise<void> {
  const [first] = paths;
  if (first !== undefined && paths.length >= MANY_FILES && (await syncFileSystem(first))) return;
  await eachOf(paths, { concurrency: AT_ONCE }, syncSoon);
}

async function syncSoon(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync().catch(async (error) => {
    if (!isUnable(error) || !(await file.stat()).isDirectory()) throw error;
  });
}

/** `sync -f` of GNU and BusyBox; false where there is none, and one by one is the way. */
async function syncFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== "linux" || Bun.which("sync") === null) return false;
  const env = { PATH: process.env.PATH };
  const child = Bun.spawn(["sync", "-f", folder], { stdout: "ignore", stderr: "ignore", env });
  return (await child.exited) === 0;
}

/** On the disk before it counts. Another process may have made the same first; then its result stands. */
export async function moveUnlessThere(made: string, target: string): Promise<void> {
  await settle(made);
  try {
    moveFolder(made, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}
