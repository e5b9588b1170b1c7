// Owns fetching packages into a folder, exactly those that are named, and what the folder then holds.
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { Fault } from "../../core/fault.ts";
import { sha256, walk } from "../../core/files.ts";
import { ran } from "./tool.ts";

export type NpmRequest = {
  /** The program, as a message says it. */
  readonly of: string;
  readonly names: readonly string[];
  readonly folder: string;
  readonly signal: AbortSignal;
};

/** Fetches packages of npm to `node_modules`, without running any code of theirs. Throws Fault `program_unfit`. */
export async function fetchNpm({ of, names, folder, signal }: NpmRequest): Promise<void> {
  writeFileSync(join(folder, "package.json"), "{}\n");
  // Bun is here wherever Tandem is. Scripts of packages do not run: what they would fetch is named as a package itself.
  const failed = await ran(
    [process.execPath, "add", "--exact", "--ignore-scripts", "--no-progress", ...names],
    { folder, signal },
  );
  if (failed === undefined) return;
  throw new Fault("program_unfit", `${of} could not be installed: ${failed}`, {
    hint: "warm-agents needs the registry of npm: run it where it is reached, then runs need no network",
  });
}

/** Puts a folder in its place, which never changes afterwards: another process may be first with the same. */
export function moveOnce(fresh: string, target: string): void {
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

/** A sandbox may have another user than ours. */
export function makeReadable(folder: string): void {
  for (const entry of walk(folder)) {
    const path = join(entry.parentPath, entry.name);
    const found = lstatSync(path);
    if (found.isSymbolicLink()) continue;
    const isOpen = found.isDirectory() || (found.mode & 0o100) !== 0;
    chmodSync(path, found.mode | (isOpen ? 0o555 : 0o444));
  }
}

/** SHA-256 over the paths, in order, and what is at each. */
export function contentHash(folder: string): string {
  const lines = [...walk(folder)].map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const found = lstatSync(path);
    const content = found.isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : found.isFile()
        ? sha256(readFileSync(path))
        : "/";
    return `${relative(folder, path)} ${content}`;
  });
  return sha256(lines.sort().join("\n"));
}
