// Owns finding scratch folders and half-written files that dead processes left on this machine, on disk and in shared memory.
import { existsSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { leftHalfWritten, leftScratch } from "./files.ts";

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

/** A file half written; its key is its path. */
export type LeftFile = Omit<LeftFolder, "kind"> & { readonly kind: "file" };

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

/** Files below a folder of logs that their writers were killed at. */
export function findLeftFiles(logs: string): LeftFile[] {
  if (!existsSync(logs)) return [];
  return leftHalfWritten(resolve(logs)).map(({ path, owner }) => {
    return { kind: "file", id: path, key: path, owner, reason: "owner gone" };
  });
}
