// Owns the check of a ledger against itself and its files: what is missing, changed, damaged, decided twice, or unknown.
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { Artefact } from "../core/artefacts.ts";
import { entriesOf, hashOfFile } from "../core/artefacts.ts";
import { sha256 } from "../core/files.ts";
import { type Finding, fileFinding, isWrong, ledgerFinding } from "./finding.ts";
import { isOutput } from "./output.ts";
import { unknownFolders } from "./unknown.ts";

export type CheckOptions = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  /** Only these runs' files and journal; rows stored by content are checked anyway. */
  readonly runs?: readonly string[] | undefined;
  /** Existence and sizes only. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
  readonly on_finding: (finding: Finding) => void;
};
export type Checked = {
  readonly attempts: number;
  readonly files: number;
  /** Attempts from before hashes were kept. */
  readonly without_artefacts: number;
  /** Attempts that a process is working on: not checked. */
  readonly under_way: number;
  /** Findings of something missing, changed or damaged. */
  readonly wrong: number;
};

/** Checks everything, reports each finding once, and counts. Throws the signal's reason on abort. */
export async function checkLedger(options: CheckOptions): Promise<Checked> {
  let wrong = 0;
  const tell = (findings: Iterable<Finding>) => {
    for (const finding of findings) {
      options.signal.throwIfAborted();
      if (isWrong(finding)) wrong++;
      options.on_finding(finding);
    }
  };
  const { ledger, runs, quick } = options;
  const problems = ledger.audit.problems(quick);
  tell(problems.map((text) => ledgerFinding("damaged ledger", text)));
  // A file that SQLite calls damaged answers nothing else reliably.
  if (problems.length > 0)
    return { attempts: 0, files: 0, without_artefacts: 0, under_way: 0, wrong };
  const unreadable = [...unreadableValues(ledger)];
  tell(unreadable);
  if (unreadable.length > 0)
    return { attempts: 0, files: 0, without_artefacts: 0, under_way: 0, wrong };
  tell(lostParents(ledger));
  tell(
    eachRun(runs)
      .flatMap((run) => ledger.audit.decidedTwice(run))
      .map(({ unit, step }) => ledgerFinding("decided twice", `${unit} ${step}`)),
  );
  tell(quick ? missizedPatches(ledger) : damagedBytes(ledger));
  tell(supersededFolders(options));
  const counts = { files: 0, without_artefacts: 0, under_way: 0 };
  const keys = ledger.attempts.keys(runs === undefined ? {} : { runs });
  for (const key of keys) {
    options.signal.throwIfAborted();
    const checked = await checkAttempt(options, key);
    counts.files += checked.files;
    if (checked.state !== undefined) counts[checked.state]++;
    tell(checked.findings);
  }
  tell(
    eachRun(runs)
      .flatMap((run) => unknownFolders({ ...options, run }))
      .map((path) => ledgerFinding("unknown folder", path, join(options.log_dir, path))),
  );
  return { attempts: keys.length, ...counts, wrong };
}

/** Undefined means all of them at once. */
function eachRun(runs: readonly string[] | undefined): readonly (string | undefined)[] {
  return runs ?? [undefined];
}

function* unreadableValues({ audit }: Ledger): Generator<Finding> {
  for (const { place, rowid } of audit.unreadable())
    yield ledgerFinding("damaged ledger", `${place} of row ${rowid} holds an invalid value`);
}

function lostParents(ledger: Ledger): Finding[] {
  return ledger.audit
    .lostParents()
    .map(({ table, rowid, parent }) =>
      ledgerFinding("lost parent", `${table} ${rowid ?? "?"} names no row of ${parent}`),
    );
}

function missizedPatches(ledger: Ledger): Finding[] {
  return ledger.audit.missized().map(({ hash }) => ledgerFinding("damaged patch", hash));
}

function* damagedBytes({ audit }: Ledger): Generator<Finding> {
  for (const { hash, size_bytes, bytes } of audit.patches())
    if (bytes.length !== size_bytes || sha256(bytes) !== hash)
      yield ledgerFinding("damaged patch", hash);
  for (const output of audit.outputs())
    if (!isOutput(output)) yield ledgerFinding("damaged output", output.hash);
}

function* supersededFolders({ ledger, log_dir, runs }: CheckOptions): Generator<Finding> {
  for (const { attempt_key, folder } of eachRun(runs).flatMap((run) =>
    ledger.superseded.all(run),
  )) {
    const path = join(log_dir, folder);
    if (existsSync(path)) continue;
    const still = existsSync(join(log_dir, attempt_key)) && !ledger.attempts.has(attempt_key);
    if (still) yield ledgerFinding("not moved yet", attempt_key, join(log_dir, attempt_key));
    else
      yield {
        ...fileFinding("missing folder", attempt_key, { name: "", path }),
        hint: "restore the run from an archive",
      };
  }
}

type CheckedAttempt = {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly state?: "without_artefacts" | "under_way";
};

/** Checks again if rows or files changed meanwhile: a redone attempt is not a damaged one. */
async function checkAttempt(options: CheckOptions, key: string): Promise<CheckedAttempt> {
  const { ledger } = options;
  for (;;) {
    const rows = ledger.artefacts.of(key);
    if (rows.length === 0) return { findings: [], files: 0, state: "without_artefacts" };
    const findings = await compare(options, key, rows);
    if (!findings.some(isWrong)) return { findings, files: rows.length };
    if (ledger.work.leases().some(({ unit }) => unit === key))
      return { findings: [], files: 0, state: "under_way" };
    if (Bun.deepEquals(rows, ledger.artefacts.of(key))) return { findings, files: rows.length };
  }
}

async function compare(
  { log_dir, quick }: CheckOptions,
  key: string,
  rows: readonly Artefact[],
): Promise<Finding[]> {
  const folder = join(log_dir, key);
  if (!existsSync(folder)) return [fileFinding("missing folder", key, { name: "", path: folder })];
  const findings: Finding[] = [];
  for (const row of rows) {
    const place = { name: row.path, path: join(folder, row.path) };
    const finding = await stateOf(place.path, row, quick);
    if (finding !== "as it was") findings.push(fileFinding(finding, key, place));
  }
  const known = new Set(rows.map(({ path }) => path));
  const others = entriesOf(folder).filter(({ path }) => !known.has(path));
  return [
    ...findings,
    ...others.map(({ path }) => ledgerFinding("unknown file", key, join(folder, path))),
  ];
}

async function stateOf(path: string, row: Artefact, quick: boolean) {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return "missing file";
  if (stat.size !== row.size_bytes) return "changed file";
  if (quick || (await hashOfFile(path)).sha256 === row.sha256) return "as it was";
  return "changed file";
}
