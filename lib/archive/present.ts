// Owns which parts of an archived run are here already: its rows, its files, the tasks it worked on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import { artefactsOf } from "../core/artefacts.ts";
import { UsageError } from "../core/fault.ts";
import { taskKey } from "../core/keys.ts";
import { type Entry, entryPath, type Manifest } from "./manifest.ts";
import { rowEntries } from "./rows.ts";

/** Which parts of a run are still to be stored. */
export type Wanted = { readonly rows: boolean; readonly files: boolean };
export type Here = { readonly ledger: Ledger; readonly log_dir: string };

/** The missing parts of a run. Throws UsageError if rows or files are here under its name with different content. */
export async function wantedOf(here: Here, manifest: Manifest, run: string): Promise<Wanted> {
  const { ledger, log_dir } = here;
  const rows = ledger.runs.find(run) === undefined;
  if (!rows && !same(rowEntries(ledger, run), entriesUnder(manifest, `runs/${run}/`)))
    throw new UsageError(
      `run "${run}" is in the ledger with different content: restore into another ledger (--ledger FILE --log-dir FOLDER)`,
    );
  const archived = entriesUnder(manifest, `files/${run}/`);
  const folder = join(log_dir, run);
  const there = existsSync(folder) ? await artefactsOf(folder) : [];
  if (there.length === 0) return { rows, files: archived.length > 0 };
  const found = there.map(({ path, ...file }) => ({
    path: entryPath({ kind: "file", run, path: `${run}/${path}` }),
    ...file,
  }));
  if (same(found, archived)) return { rows, files: false };
  throw new UsageError(
    `${folder} holds files other than those of run "${run}" in the archive: move it away, or name another --log-dir`,
  );
}

function entriesUnder({ entries }: Manifest, prefix: string): Entry[] {
  return entries.filter(({ path }) => path.startsWith(prefix));
}

function same(some: readonly Entry[], others: readonly Entry[]): boolean {
  const texts = (entries: readonly Entry[]) =>
    entries.map(({ path, sha256, size_bytes }) => `${path} ${sha256} ${size_bytes}`).sort();
  return Bun.deepEquals(texts(some), texts(others));
}

/** Tasks of an archive that the ledger's dataset lacks, or has in another version: their keys. */
export function strangeTasks(ledger: Ledger, { tasks }: Manifest) {
  const known = new Map(ledger.dataset.tasks().map((task) => [taskKey(task), task.task_hash]));
  const keys = (wrong: (hash: string | undefined, expected: string) => boolean) => [
    ...new Set(
      tasks.filter((task) => wrong(known.get(taskKey(task)), task.task_hash)).map(taskKey),
    ),
  ];
  return {
    missing: keys((hash) => hash === undefined),
    changed: keys((hash, expected) => hash !== undefined && hash !== expected),
  };
}
