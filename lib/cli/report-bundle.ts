// Owns a study as one zip to hand on: its pages, its report as data, Tandem's queries answered, and the rows all of it rests on.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import { diskScratch, sha256 } from "../core/files.ts";
import { redact } from "../core/redact.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import type { Policy } from "../core/vocabulary.ts";

export type BundleOptions = {
  readonly ledger: Ledger;
  readonly policy: Policy;
  /** Names of runs; all when absent. */
  readonly runs: readonly string[] | undefined;
  readonly dataset_dir: string;
  readonly log_dir: string;
  readonly signal: AbortSignal;
  /** The pages, relative to their folder. */
  readonly site: { readonly folder: string; readonly files: readonly string[] };
  /** The zip to write. */
  readonly path: string;
};
/** Tables that say which process on which machine did something, and when: nothing rests on them. */
const OF_MACHINES = /^runs\/[^/]+\/journal\.jsonl$/;
/** Paths that are this short are anybody's: `/root`, `/home/me`. */
const SHORTEST_PLACE = 10;

type Entry = { readonly path: string; readonly bytes: Uint8Array };

/** Gives the number of files. The same bytes for the same ledger and logs. Throws Fault of the ledger or the disk. */
export async function writeBundle(options: BundleOptions): Promise<number> {
  const { writeZip } = await import("../archive/zip.ts");
  const sums: string[] = [];
  await writeZip(options.path, summed(options, sums));
  return sums.length + 1;
}

/** Every entry, with the list of their hashes at the end. */
async function* summed(options: BundleOptions, sums: string[]): AsyncGenerator<Entry> {
  for await (const entry of entriesOf(options)) {
    sums.push(`${sha256(entry.bytes)}  ${entry.path}\n`);
    yield entry;
  }
  yield { path: "SHA256SUMS", bytes: Buffer.from(sums.join("")) };
}

async function* entriesOf(options: BundleOptions): AsyncGenerator<Entry> {
  const { site, signal } = options;
  const places = [process.cwd(), options.log_dir, dirname(options.ledger.path)]
    .map((path) => resolve(path))
    .filter((path) => path.length >= SHORTEST_PLACE)
    .sort((a, b) => b.length - a.length);
  const text = (path: string, content: string): Entry => ({
    path,
    bytes: Buffer.from(
      places.reduce((said, place) => said.replaceAll(place, "."), redact(content)),
    ),
  });
  yield text("README.txt", README);
  for (const file of [...site.files].sort()) {
    signal.throwIfAborted();
    yield { path: `site/${file}`, bytes: readFileSync(join(site.folder, file)) };
  }
  for await (const { path, content } of tables(options)) yield text(path, content);
  for await (const { path, content } of answers(options)) yield text(path, content);
  for await (const { path, content } of rows(options)) yield text(path, content);
}

type Text = { readonly path: string; readonly content: string };

async function* tables({
  ledger,
  dataset_dir,
  policy,
  runs,
  signal,
}: BundleOptions): AsyncGenerator<Text> {
  const { reportTables } = await import("../stages/report.ts");
  const { partsOf } = await import("./report-parts.ts");
  const { json } = await import("../report/formats/json.ts");
  const { csv } = await import("../report/formats/csv.ts");
  const { parts } = await partsOf({ parts: "all" });
  const made = await reportTables({ ledger, dataset_dir }, { policy, parts, runs, signal });
  yield { path: "report.json", content: `${json(policy, made)}\n` };
  for (const table of made)
    if (table.rows.length > 0) yield { path: `tables/${table.name}.csv`, content: csv(table) };
}

/** Of named runs, only what is about them. */
async function* answers({ ledger, runs }: BundleOptions): AsyncGenerator<Text> {
  const { askLedger } = await import("../../db/query.ts");
  const { csv } = await import("../report/formats/csv.ts");
  const { queries } = await import("./report-query.ts");
  for (const { name, text } of queries()) {
    const found = askLedger(ledger.path, text);
    const own = runs === undefined ? found : found.filter(({ run }) => runs.includes(String(run)));
    yield { path: `queries/${name}.sql`, content: text };
    if (own.length > 0) yield { path: `queries/${name}.csv`, content: csv({ rows: own }) };
  }
}

async function* rows({ ledger, runs }: BundleOptions): AsyncGenerator<Text> {
  const { rowFiles } = await import("../archive/rows.ts");
  await using folder = diskScratch("bundle");
  const names =
    runs ??
    ledger.runs
      .all()
      .map(({ run }) => run)
      .sort();
  const files = ledger.archive.snapshot(() => rowFiles(ledger, names, folder.path));
  for (const { path, from } of files)
    if (!OF_MACHINES.test(path))
      yield { path: `rows/${path}`, content: readFileSync(from, "utf8") };
}

const README = `A study of Tandem ${TANDEM_VERSION}, to read and to check.

site/       the pages: open index.html (or the one .html file) in a browser; nothing is loaded from elsewhere
report.json every table of the report, numbers unrounded
tables/     the same, one CSV file per table
queries/    queries over the ledger, each with its answer
rows/       the ledger's rows of these runs as JSON lines, patches and test outputs among them; which process
            on which machine did what is left out
SHA256SUMS  the hash of every file: sha256sum -c SHA256SUMS
`;
