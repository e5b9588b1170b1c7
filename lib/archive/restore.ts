// Owns restoring archived runs: unpacked next to their place and verified, then moved there, then their rows committed.
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PlacedRow } from "../../db/archive.ts";
import { makeFolder, moveFolder, settle } from "../core/disk.ts";
import { UsageError } from "../core/fault.ts";
import { scratch } from "../core/files.ts";
import { damaged, type Manifest, type Place } from "./manifest.ts";
import { type Here, strangeTasks, type Wanted, wantedOf } from "./present.ts";
import { readArchive, type Sink } from "./read.ts";
import { checkedRows } from "./rows.ts";

export type RestoreOptions = Here & {
  readonly path: string;
  readonly signal: AbortSignal;
};
export type RestoredRun = Manifest["runs"][number] & {
  /** False when all of it was here already. */
  readonly fresh: boolean;
};
export type Restored = {
  readonly runs: readonly RestoredRun[];
  /** Tasks of the archive that the ledger's dataset lacks, or has in another version. */
  readonly tasks: { readonly missing: readonly string[]; readonly changed: readonly string[] };
};
type Unpacked = { readonly place: Exclude<Place, { kind: "file" }>; readonly file: string };

/**
 * Restores the runs of an archive. Nothing is stored before every hash is verified; a kill leaves at most whole
 * folders, which the next restore uses as they are. Throws UsageError for what is not an archive, and for a run that is
 * here with different content; Fault `bad_file` for an archive that is damaged, or holds rows that are not its runs'.
 */
export async function restoreRuns(options: RestoreOptions): Promise<Restored> {
  const { ledger, log_dir, path, signal } = options;
  const wanted = new Map<string, Wanted>();
  const rows: Unpacked[] = [];
  makeFolder(log_dir);
  await using folder = scratch(log_dir, "restore");
  const { manifest } = await readArchive({ path, signal }, async (contents) => {
    for (const { run } of contents.manifest.runs)
      wanted.set(run, await wantedOf(options, contents.manifest, run));
    return (place) => {
      const file = targetOf(place, { wanted, folder: folder.path, number: rows.length });
      if (file === undefined) return NOWHERE;
      if (place.kind !== "file") rows.push({ place, file });
      return fileSink(file);
    };
  });
  await settle(folder.path);
  store(options, rows, () => {
    for (const [run, { files }] of wanted)
      if (files) moveIntoPlace(join(folder.path, "files", run), join(log_dir, run));
  });
  const isFresh = (run: string) => Object.values(wanted.get(run) ?? {}).includes(true);
  return {
    runs: manifest.runs.map((about) => ({ ...about, fresh: isFresh(about.run) })),
    tasks: strangeTasks(ledger, manifest),
  };
}

type Unpacking = {
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly folder: string;
  readonly number: number;
};

/** Where an entry is unpacked to; nowhere if its run has it already. */
function targetOf(place: Place, { wanted, folder, number }: Unpacking): string | undefined {
  if (place.kind === "file")
    return wanted.get(place.run)?.files ? join(folder, "files", place.path) : undefined;
  const any = [...wanted.values()].some(({ rows }) => rows);
  const needed = place.kind === "shared" ? any : wanted.get(place.run)?.rows;
  return needed ? join(folder, "rows", `${number}.jsonl`) : undefined;
}

/** What is here already is read anyway: its hash must be verified. */
const NOWHERE: Sink = { write: () => undefined, [Symbol.dispose]: () => undefined };

/** A new file; an existing one is an error (names that differ only in case, on some systems). */
function fileSink(path: string): Sink {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "wx");
  return {
    write: (chunk) => writeFileSync(file, chunk),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** All rows and what `then` does, or nothing. Throws Fault `bad_file` for rows that do not fit together. */
function store(options: RestoreOptions, rows: readonly Unpacked[], then: () => void): void {
  try {
    options.ledger.archive.put(placedRows(options, rows), then);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!code.startsWith("SQLITE_CONSTRAINT") || !(error instanceof Error)) throw error;
    throw damaged(options.path, `its rows do not fit together: ${error.message}`, error);
  }
}

function* placedRows({ ledger }: Here, rows: readonly Unpacked[]): Generator<PlacedRow> {
  for (const { place, file } of rows)
    for (const row of checkedRows(ledger, place, file)) yield { table: place.table, row };
}

/**
 * An empty folder may be in the run's place; anything else that appeared there meanwhile stays, and nothing is stored.
 */
function moveIntoPlace(from: string, to: string): void {
  try {
    moveFolder(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    throw new UsageError(`${to} is in the way: move it away, or name another --log-dir`);
  }
}
