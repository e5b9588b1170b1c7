// Owns finding and removing what dead processes left: in every backend of the registry, and on this machine's disk.
import { join } from "node:path";
import { asFault, Fault } from "../core/fault.ts";
import { removeFolder } from "../core/files.ts";
import { findLeftFiles, findLeftFolders } from "../core/left-folders.ts";
import type { Leftover } from "../sandbox/backend.ts";
import { BACKENDS, type Backends, loadBackend } from "../sandbox/registry.ts";
import type { Output } from "./output.ts";
import { faultLine } from "./step.ts";

export type CleanOptions = {
  readonly log_dir: string;
  /** Also what running processes use. */
  readonly all: boolean;
  readonly dry_run: boolean;
  /** Only this backend; all of them when absent. */
  readonly backend?: string | undefined;
  /** The file of engines to look at, in place of the one engine. */
  readonly engines?: string | undefined;
  readonly out: Output;
  readonly signal: AbortSignal;
};

/** Removes what was left, one row each, and returns the number of faults. Throws UsageError for an unknown backend. */
export async function clearAway(
  options: CleanOptions,
  backends: Backends<never> = BACKENDS,
): Promise<number> {
  const { log_dir, dry_run, out, signal } = options;
  const { leftovers, faults } = await inBackends(options, backends);
  const count = { removed: 0, faults };
  for (const left of [...leftovers, ...onDisk(log_dir)]) {
    if (signal.aborted) break;
    const { kind, id, key, owner, reason } = left;
    try {
      if (!dry_run) await left.remove();
      count.removed++;
      out.emit({ kind, id, key, owner, reason });
    } catch (error) {
      count.faults++;
      out.warn(`${kind} ${id}: ${faultLine(asFault(error))}`);
    }
  }
  out.say(`${count.removed} ${dry_run ? "would be removed" : "removed"}`);
  return count.faults;
}

async function inBackends(
  { all, backend, engines, out }: CleanOptions,
  backends: Backends<never>,
): Promise<{ leftovers: Leftover[]; faults: number }> {
  const leftovers: Leftover[] = [];
  let faults = 0;
  for (const name of backend === undefined ? Object.keys(backends) : [backend]) {
    const object = await loadBackend(name, backends);
    try {
      leftovers.push(...(await object.leftovers({ all, engines, say: out.say })));
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "engine_gone") throw error;
      faults++;
      out.warn(faultLine(error));
    }
  }
  return { leftovers, faults };
}

function onDisk(log_dir: string): Leftover[] {
  const roots = [log_dir, join(log_dir, ".cache")];
  return [...findLeftFolders(roots), ...findLeftFiles(log_dir)].map((left) => ({
    ...left,
    remove: async () => removeFolder(left.id),
  }));
}
