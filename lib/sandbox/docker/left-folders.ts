// Owns finding scratch folders that dead processes left on this machine, on disk and in shared memory.
import { existsSync, readdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { isAlive } from "../../files.ts";

export type LeftFolder = {
  readonly kind: "folder";
  /** Its path. */
  readonly id: string;
  /** What it was for. */
  readonly key: string;
  /** The pid of its owner. */
  readonly owner: string;
  readonly reason: "owner gone";
};

/** Scratch folders whose process is gone: the system's places for them, and those of the given roots. */
export function findLeftFolders(roots: readonly string[]): LeftFolder[] {
  const shared = [tmpdir(), "/dev/shm"].map((root) => join(root, `tandem-${userInfo().uid}`));
  const parents = [...shared, ...roots].map((root) => resolve(root, ".tmp")).filter(existsSync);
  return [...new Set(parents)].flatMap(leftIn);
}

/** Folders are named `<pid>-<n>-<label>`. */
function leftIn(parent: string): LeftFolder[] {
  return readdirSync(parent).flatMap((name) => {
    const [, pid = "", key = ""] = /^(\d+)-\d+-(.*)$/.exec(name) ?? [];
    if (pid === "" || isAlive(Number(pid))) return [];
    return [{ kind: "folder", id: join(parent, name), key, owner: pid, reason: "owner gone" }];
  });
}
