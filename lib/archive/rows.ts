// Owns a run's rows as files of an archive: written with their hashes, only hashed, or read back and checked.
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoredRow } from "../../db/archive.ts";
import type { Ledger } from "../../db/ledger.ts";
import { Fault, UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { parseAttemptKey } from "../core/keys.ts";
import { type Entry, entryPath, type Place } from "./manifest.ts";
import { isOutput } from "./output.ts";

/** An entry of an archive that holds rows, and the file that it is in. */
export type RowFile = Entry & { readonly rows: number; readonly from: string };
type RowPlace = Exclude<Place, { kind: "file" }>;

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** Writes the rows of runs below `folder`, one file per table; tables without rows have none. */
export function rowFiles(ledger: Ledger, runs: readonly string[], folder: string): RowFile[] {
  return placesOf(ledger, runs).flatMap((place, index) => {
    const from = join(folder, `${index}.jsonl`);
    const file = openSync(from, "w");
    try {
      const entry = hashed(ledger, { place, runs }, (bytes) => writeFileSync(file, bytes));
      return entry === undefined ? [] : { ...entry, from };
    } finally {
      closeSync(file);
    }
  });
}

/** The entries that this run's own rows would make in an archive. */
export function rowEntries(ledger: Ledger, run: string): Entry[] {
  return placesOf(ledger, [run]).flatMap((place) =>
    place.kind === "shared" ? [] : (hashed(ledger, { place, runs: [run] }) ?? []),
  );
}

/** Parents before children: what is shared first. */
function placesOf({ archive }: Ledger, runs: readonly string[]): RowPlace[] {
  const shared = archive.shared_tables.map((table) => ({ kind: "shared", table }) as const);
  const own = runs.flatMap((run) =>
    archive.run_tables.map((table) => ({ kind: "rows", run, table }) as const),
  );
  return [...shared, ...own];
}

function hashed(
  ledger: Ledger,
  { place, runs }: { readonly place: RowPlace; readonly runs: readonly string[] },
  write: (bytes: Buffer) => void = () => undefined,
): (Entry & { readonly rows: number }) | undefined {
  const hash = new Bun.CryptoHasher("sha256");
  let [rows, size_bytes] = [0, 0];
  for (const bytes of inChunks(
    ledger.archive.lines(place.table, place.kind === "rows" ? [place.run] : runs),
    () => rows++,
  )) {
    hash.update(bytes);
    write(bytes);
    size_bytes += bytes.length;
  }
  return rows === 0
    ? undefined
    : { path: entryPath(place), sha256: hash.digest("hex"), size_bytes, rows };
}

/** Lines with their ends, many at a time; `each` is called for every one. */
function* inChunks(lines: Iterable<string>, each: () => void): Generator<Buffer> {
  let text = "";
  for (const line of lines) {
    each();
    text += `${line}\n`;
    if (text.length < CHUNK_BYTES) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

/** The rows of an unpacked entry, each checked to belong there. Throws Fault `bad_file` that names entry and line. */
export function* checkedRows(ledger: Ledger, place: RowPlace, file: string): Generator<StoredRow> {
  let line_number = 0;
  for (const line of linesOf(file)) {
    line_number++;
    try {
      const row = ledger.archive.row(place.table, line);
      if (place.kind === "shared") checkContent(place.table, row);
      else checkOwner(place, row);
      yield row;
    } catch (error) {
      if (!(error instanceof Fault || error instanceof UsageError)) throw error;
      throw bad(`${entryPath(place)}:${line_number}: ${error.message}`, error);
    }
  }
}

/** What is stored by content is what its hash names: anything else would be taken for the original later. */
function checkContent(table: string, { hash, size_bytes, bytes, zstd }: StoredRow): void {
  if (table === "patches" && sha256(bytesOf(bytes)) !== hash)
    throw bad("a patch is not the one its hash names");
  if (table !== "outputs") return;
  const output = { hash: String(hash), size_bytes: Number(size_bytes), bytes: bytesOf(zstd) };
  if (!isOutput(output)) throw bad("an output is not the one its hash names");
}

function checkOwner(
  { run, table }: { readonly run: string; readonly table: string },
  row: StoredRow,
): void {
  const { run: named = run, attempt_key, unit, folder, path } = row;
  if (named !== run) throw bad(`a row of run ${JSON.stringify(named)}`);
  if (table === "attempts" && parseAttemptKey(String(attempt_key)).run !== run)
    throw bad(`the attempt ${JSON.stringify(attempt_key)} is of another run`);
  for (const key of [attempt_key, unit, folder])
    if (typeof key === "string" && !(key.startsWith(`${run}/`) && staysInside(key)))
      throw bad(`${JSON.stringify(key)} is not of this run`);
  if (table === "artefacts" && !staysInside(String(path)))
    throw bad(`the path ${JSON.stringify(path)} leads outside`);
}

function staysInside(path: string): boolean {
  return (
    path.split("/").every((part) => !["", ".", ".."].includes(part)) && !/[\\\p{Cc}]/u.test(path)
  );
}

function bytesOf(value: StoredRow[string] | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** The lines of a file, one at a time. */
function* linesOf(path: string): Generator<string> {
  let rest: Buffer[] = [];
  for (const chunk of chunksOf(path)) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      yield Buffer.concat([...rest, chunk.subarray(at, end)]).toString("utf8");
      rest = [];
      at = end + 1;
    }
    rest.push(chunk.subarray(at));
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield last.toString("utf8");
}

function* chunksOf(path: string): Generator<Buffer> {
  const file = openSync(path, "r");
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = readSync(file, chunk);
      if (read === 0) return;
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

function bad(problem: string, cause?: unknown): Fault {
  return new Fault("bad_file", problem, {
    hint: "nothing was stored: archive the run again",
    cause,
  });
}
