// Owns an archive's table of contents: its format version, the runs it holds, and every entry with its hash.
import { z } from "zod";
import { Fault, UsageError } from "../core/fault.ts";
import { checkedRunName } from "../core/keys.ts";

const FORMAT = "tandem-archive";
/** Raised when an older Tandem could not read it. */
const FORMAT_VERSION = 2;
/** From this version on an archive ends in a seal. */
const SEALED_SINCE = 2;
export const MANIFEST = "manifest.json";
/** Room for a million files; more is refused before it fills the memory. */
export const MANIFEST_BYTES = 256 * 1024 * 1024;

const count = z.int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const entry = z.strictObject({
  path: z.string().max(4096),
  sha256: hash,
  size_bytes: count,
  /** For tables: their number of rows. */
  rows: count.exactOptional(),
});
const manifest = z.strictObject({
  format: z.literal(FORMAT),
  format_version: z.int().min(1).max(FORMAT_VERSION),
  tandem_version: z.string().max(100),
  runs: z
    .array(z.strictObject({ run: z.string(), attempts: count, files: count, bytes: count }))
    .min(1),
  /** The tasks that attempts worked on, each by the hash over all its files: the archive's part of the dataset. */
  tasks: z.array(z.strictObject({ repo: z.string(), task_id: count, task_hash: z.string() })),
  entries: z.array(entry),
});
export type Manifest = Readonly<z.infer<typeof manifest>>;
export type Entry = Readonly<z.infer<typeof entry>>;

/** Whether an archive with this table of contents ends in a seal. */
export function isSealed({ format_version }: Manifest): boolean {
  return format_version >= SEALED_SINCE;
}

/** What an entry is, by its path in the archive. */
export type Place =
  | { readonly kind: "shared"; readonly table: string }
  | { readonly kind: "rows"; readonly run: string; readonly table: string }
  /** `path` is relative to the logs and begins with the run. */
  | { readonly kind: "file"; readonly run: string; readonly path: string };

/** `shared/<table>.jsonl`, `runs/<run>/<table>.jsonl`, `files/<run>/<path>`. */
export function entryPath(place: Place): string {
  if (place.kind === "shared") return `shared/${place.table}.jsonl`;
  if (place.kind === "rows") return `runs/${place.run}/${place.table}.jsonl`;
  return `files/${place.path}`;
}

/**
 * The bytes of a table of contents, and the runs as it counts them. Throws UsageError when there is too much for one
 * archive.
 */
export function newManifest(
  runs: readonly string[],
  { entries, ...rest }: Pick<Manifest, "tandem_version" | "tasks" | "entries">,
): { bytes: Buffer; runs: Manifest["runs"] } {
  const head = { format: FORMAT, format_version: FORMAT_VERSION };
  const counted = countedRuns(runs, entries);
  const bytes = Buffer.from(`${JSON.stringify({ ...head, ...rest, runs: counted, entries })}\n`);
  if (bytes.length <= MANIFEST_BYTES) return { bytes, runs: counted };
  throw new UsageError(`${entries.length} files are too many for one archive: archive fewer runs`);
}

function countedRuns(runs: readonly string[], entries: readonly Entry[]): Manifest["runs"] {
  const counts = new Map(runs.map((run) => [run, { run, attempts: 0, files: 0, bytes: 0 }]));
  for (const { path, size_bytes, rows = 0 } of entries) {
    const [kind, run = "", table] = path.split("/");
    const count = counts.get(run);
    if (count === undefined || kind === "shared") continue;
    if (kind === "runs" && table === "attempts.jsonl") count.attempts = rows;
    if (kind !== "files") continue;
    count.files++;
    count.bytes += size_bytes;
  }
  return [...counts.values()];
}

/**
 * The table of contents, with every path in it checked. Throws UsageError for what is not an archive, or one of a newer
 * Tandem; Fault `bad_file` for anything that would lead outside, or that this Tandem does not know.
 */
export function readManifest(
  bytes: Uint8Array,
  path: string,
): { manifest: Manifest; places: Place[] } {
  const parsed = parsedJson(bytes, path);
  const said = z.object({ format: z.literal(FORMAT), format_version: count }).safeParse(parsed);
  if (!said.success) throw notOurs(path);
  if (said.data.format_version > FORMAT_VERSION)
    throw new UsageError(
      `${path} was written by a newer Tandem (form ${said.data.format_version}, this one reads ${FORMAT_VERSION}): update Tandem`,
    );
  const checked = manifest.safeParse(parsed);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw damaged(path, `${issue?.path.join(".")}: ${issue?.message}`);
  }
  return { manifest: checked.data, places: placesOf(checked.data, path) };
}

function placesOf({ runs, entries }: Manifest, path: string): Place[] {
  const names = new Set(runs.map(({ run }) => checkedName(run, path)));
  if (names.size !== runs.length) throw damaged(path, "it names a run twice");
  const paths = new Set(entries.map((one) => one.path));
  if (paths.size !== entries.length) throw damaged(path, "it holds an entry twice");
  const places = entries.map((one) => {
    const place = placeOf(one.path);
    const known = place !== undefined && (place.kind === "shared" || names.has(place.run));
    if (known && !foldersOf(one.path).some((folder) => paths.has(folder))) return place;
    const shown = JSON.stringify(one.path.slice(0, 200));
    throw damaged(path, `it holds ${shown}, which has no place in a run`);
  });
  if (Bun.deepEquals(countedRuns([...names], entries), runs)) return places;
  throw damaged(path, "it does not hold what its table of contents counts");
}

/** `a/b/c`: `a`, `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** The place that an entry's path names; undefined when it names none, or one outside. */
export function placeOf(path: string): Place | undefined {
  const parts = path.split("/");
  if (!parts.every(isName)) return undefined;
  const [kind, run = "", ...rest] = parts;
  if (kind === "files" && rest.length > 0)
    return { kind: "file", run, path: parts.slice(1).join("/") };
  const table = /^(\w+)\.jsonl$/.exec(parts.at(-1) ?? "")?.[1];
  if (table === undefined) return undefined;
  if (kind === "shared" && parts.length === 2) return { kind: "shared", table };
  return kind === "runs" && parts.length === 3 ? { kind: "rows", run, table } : undefined;
}

/** Whether a part of a path is one level down, on every system; names of half-written files are not allowed. */
function isName(part: string): boolean {
  if (part === "" || part === "." || part === ".." || part.length > 255) return false;
  return !/[\\:*?"<>|]|\p{Cc}|\.tmp$/u.test(part);
}

function checkedName(run: string, path: string): string {
  try {
    return checkedRunName(run);
  } catch (error) {
    throw damaged(path, `${JSON.stringify(run.slice(0, 200))} is not a name of a run`, error);
  }
}

function parsedJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged(path, "its table of contents is not JSON", error);
  }
}

export function notOurs(path: string): UsageError {
  return new UsageError(
    `${path} is not an archive of Tandem, or only the start of one: name a file that archive wrote`,
  );
}

/** What is wrong with an archive, as one line. */
export function damaged(path: string, problem: string, cause?: unknown): Fault {
  const words = problem.replaceAll(/\s+/g, " ").slice(0, 400);
  return new Fault("bad_file", `${path} is damaged: ${words}`, {
    hint: "nothing was stored: copy or archive the run again",
    cause,
  });
}
