// Owns finding scratch folders that dead processes left on this machine, on disk and in shared memory.
import { existsSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { leftScratch } from "../../files.ts";

export type LeftFolder = {
  readonly kind: "folder";
  /** Its path. */
  readonly id: string;
  /** What it was for. */
  readonly key: string;
  /** Its owner, as names of files have it. */
  readonly owner: string;
  readonly reason: "owner gone";
};

/** Scratch folders whose process is gone: the system's places for them, and those of the given roots. */
export function findLeftFolders(roots: readonly string[]): LeftFolder[] {
  const shared = [tmpdir(), "/dev/shm"].map((root) => join(root, `tandem-${userInfo().uid}`));
  const parents = [...shared, ...roots].map((root) => resolve(root, ".tmp")).filter(existsSync);
  return [...new Set(parents)].flatMap(leftIn);
}

function leftIn(parent: string): LeftFolder[] {
  return leftScratch(parent).map(({ path, owner, label }) => {
    return { kind: "folder", id: path, key: label, owner, reason: "owner gone" };
  });
}
