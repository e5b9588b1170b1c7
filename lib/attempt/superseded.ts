// Owns where the files of an attempt go when it is redone.
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder, syncPath } from "../core/disk.ts";

/**
 * Clears the place of an attempt's files: they move to `aside`, the folder of an earlier try, unless that has its files
 * already. Then they were left by a kill between files and row, and are removed.
 */
export function moveAside(target: string, aside: string | undefined): void {
  if (aside === undefined || existsSync(aside) || !existsSync(target)) {
    rmSync(target, { recursive: true, force: true });
    return;
  }
  makeFolder(dirname(aside));
  renameSync(target, aside);
  syncPath(dirname(aside));
}
