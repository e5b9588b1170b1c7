// Owns importing a logs tree: what is new or changed is read, written to files, then stored in batches.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../../db/ledger.ts";
import { settle } from "../../core/disk.ts";
import { asFault, Fault, UsageError } from "../../core/fault.ts";
import { scratch, writeJson } from "../../core/files.ts";
import { type AttemptId, attemptKey } from "../../core/keys.ts";
import { once } from "../../core/once.ts";
import { DEMO_REPO } from "../../dataset/read.ts";
import type { Form } from "../forms.ts";
import { type ForeignAttempt, readAttempt } from "../read/attempt.ts";
import { sightAttempt } from "../read/folder.ts";
import { type Place, walkLogs } from "../read/walk.ts";
import { unreadWarning } from "./ignored-files.ts";
import { type KnownPairs, knownPairs } from "./pairs.ts";
import { type ImportedRecord, importedRecord } from "./record.ts";
import { planRuns, type RunPlan } from "./runs.ts";
import { type WritePlan, writeImported } from "./write.ts";

/** Attempts, and bytes of theirs, in one transaction. */
const BATCH = 100;
const BATCH_BYTES = 64 * 1024 * 1024;

export type ImportRequest = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  /** A folder with many runs, one run, or one pair. */
  readonly dir: string;
  readonly name?: string | undefined;
  readonly prefix?: string | undefined;
  /** Import again even what is unchanged. */
  readonly force?: boolean | undefined;
  /** Only report what would be done. */
  readonly dry_run?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly on_start?: ((total: number) => void) | undefined;
  readonly on_unit: (unit: ImportUnit) => void;
  readonly on_warning: (warning: string) => void;
};
export type ImportUnit =
  | {
      readonly key: string;
      readonly form: Form;
      readonly imported: "new" | "same" | "changed";
      readonly problems: readonly string[];
      readonly fresh: boolean;
    }
  | { readonly key: string; readonly fault: Fault };

/**
 * Imports every attempt below a folder. The same files again change nothing; changed ones replace the attempt, with the
 * merges and verdicts that rested on it. Throws UsageError, before anything is written, for a run that is not from this
 * folder; problems of single attempts come through `on_unit`.
 */
export async function importLogs(request: ImportRequest): Promise<void> {
  const { places, warnings } = walkLogs(request.dir);
  if (places.length === 0)
    throw new UsageError(
      `${request.dir} holds no attempt (a folder such as coop/go_chi_task/26/f1_f2 or go_chi_task/task26/features_1_2)`,
    );
  // A path without a task shows nothing: it may be any.
  const repos = places.map(({ task }) => task?.repo ?? DEMO_REPO);
  const pairs = knownPairs(request.ledger, repos);
  const { plans, warnings: ofRuns } = await planRuns(request, places);
  for (const warning of [...warnings, ...ofRuns]) request.on_warning(warning);
  request.on_start?.(places.length);
  await using folder = request.dry_run ? undefined : scratch(request.log_dir, "import");
  const strangers: string[] = [];
  for (const plan of plans) {
    if (request.signal.aborted) break;
    await importRun({ ...request, pairs, plan, strangers, scratch: folder?.path });
  }
  const unread = unreadWarning(strangers);
  if (unread !== undefined) request.on_warning(unread);
}

type Work = ImportRequest & {
  readonly pairs: KnownPairs;
  readonly plan: RunPlan;
  /** Called for each file that is in no form, with its kind. */
  readonly strangers: string[];
  /** Undefined when nothing is to be written. */
  readonly scratch: string | undefined;
};

async function importRun(work: Work): Promise<void> {
  const { ledger, plan } = work;
  const { run } = plan.row;
  const known = ledger.imported.known(run);
  const stored = new Set(ledger.attempts.keys({ run }));
  const begin = once(() => startRun(work));
  // A run without results leaves nothing; a known one is updated with what its files say now.
  if (work.scratch !== undefined && ledger.runs.find(run)) begin();
  const batch = openBatch(work);
  for (const place of plan.places) {
    // Reading is synchronous: signals are heard in between.
    await Bun.sleep(0);
    if (work.signal.aborted) break;
    try {
      await importOne({ ...work, known, stored, batch, begin }, place);
    } catch (error) {
      if (isOfMachine(error)) throw error;
      work.on_unit({ key: keyOf(place, run) ?? place.folder, fault: asFault(error) });
    }
  }
  await batch.flush();
}

/** The run's row and run.json come before any attempt: from then on its folder is known to belong to it. */
function startRun({ ledger, plan, log_dir }: Work): void {
  const { row } = plan;
  const known = ledger.runs.find(row.run);
  if (known?.config_hash !== row.config_hash) ledger.imported.putRun(row);
  const file = join(log_dir, row.run, "run.json");
  if (!existsSync(file) || known?.config_hash !== row.config_hash)
    writeJson(file, ledger.runs.find(row.run) ?? row);
}

/** A full disk or a ledger that accepts nothing ends the import; a problem with one attempt does not. */
function isOfMachine(error: unknown): boolean {
  const codes = ["disk_failed", "disk_full", "not_writable", "ledger_locked", "ledger_unreadable"];
  return codes.includes(asFault(error).code);
}

type Batch = ReturnType<typeof openBatch>;
type One = Work & {
  readonly known: ReturnType<Ledger["imported"]["known"]>;
  /** Keys of the run's attempts, whole or not. */
  readonly stored: ReadonlySet<string>;
  readonly batch: Batch;
  readonly begin: () => void;
};

async function importOne(one: One, place: Place): Promise<void> {
  const { known, ledger, scratch: folder } = one;
  const sighted = sightAttempt(place);
  one.strangers.push(...sighted.strangers);
  const { content_sha256, size_bytes } = sighted;
  const named = keyOf(place, one.plan.row.run);
  const { form } = place;
  const isSame = (key: string) =>
    known.get(key)?.content_sha256 === content_sha256 && one.force !== true;
  const tellSame = (key: string) => {
    const problems = known.get(key)?.problems ?? [];
    one.on_unit({ key, form, imported: "same", problems, fresh: false });
  };
  if (named !== undefined && isSame(named)) {
    tellSame(named);
    return;
  }
  const foreign = readAttempt(sighted);
  const attempt = attemptOf(one, foreign, sighted.problems);
  const key = attemptKey(attempt);
  const task_hash = one.pairs.taskHash(attempt);
  if (isSame(key)) {
    tellSame(key);
    return;
  }
  const made = importedRecord(foreign, { attempt, task_hash });
  const { problems } = made.imported;
  const imported = known.has(key) ? "changed" : "new";
  const unit = { key, form, imported, problems, fresh: true } as const;
  if (folder === undefined) {
    one.on_unit(unit);
    return;
  }
  one.begin();
  // It is set aside in the ledger first: a kill between files and rows then means "not imported".
  if (one.stored.has(key)) setAside(ledger, key);
  const artefacts = writeImported(writePlan(one, folder, key), foreign, made);
  await one.batch.add({ ...made, record: { ...made.record, artefacts } }, unit, size_bytes);
}

function setAside({ superseded }: Ledger, key: string): void {
  if (superseded.setAside(key, "imported again") !== undefined) return;
  throw new Fault("lease_lost", `${key} is in use`, {
    hint: "import again when the merge or evaluation in progress has ended",
  });
}

function writePlan({ log_dir, plan, ledger }: Work, folder: string, key: string): WritePlan {
  const { model, agent } = plan.row;
  const there = existsSync(join(log_dir, key));
  const aside = there ? ledger.superseded.folder(key) : undefined;
  return { log_dir, scratch: folder, aside, model, agent };
}

/** The attempt's name here. Throws Fault `bad_file` for a folder that names too little, or is empty. */
function attemptOf(
  { plan }: Work,
  foreign: ForeignAttempt,
  unreadable: readonly string[],
): AttemptId {
  const { pair, place, documents } = foreign;
  const hint = "check that it is a complete folder of CooperBench's logs";
  if (pair === undefined)
    throw new Fault("bad_file", `${place.folder}: neither path nor result.json names its task`, {
      hint,
    });
  const patches = foreign.agents.filter(({ patch }) => patch !== undefined);
  if (patches.length === 0 && !documents.result && !documents.eval)
    throw new Fault(
      "bad_file",
      `${place.folder}: nothing to import${unreadable.map((one) => `; ${one}`).join("")}`,
      { hint },
    );
  return { ...pair, run: plan.row.run, try: place.try };
}

/** The key by the path alone, for what could not be read. */
function keyOf({ task, features, ...place }: Place, run: string): string | undefined {
  return task && attemptKey({ ...task, features, run, try: place.try });
}

/** Collects attempts whose files are whole, and stores them together: first their files, then their rows. */
function openBatch({ ledger, log_dir, on_unit }: Work) {
  let [waiting, bytes]: [{ made: ImportedRecord; unit: ImportUnit }[], number] = [[], 0];
  const flush = async () => {
    if (waiting.length === 0) return;
    const stored = waiting;
    [waiting, bytes] = [[], 0];
    for (const { made } of stored) await settle(join(log_dir, made.record.attempt.attempt_key));
    ledger.attempts.put(stored.map(({ made }) => made.record));
    // Written last: this row says that the attempt is imported completely.
    ledger.imported.put(
      stored.map(({ made }) => made.imported),
      stored.flatMap(({ made }) => made.fault ?? []),
    );
    for (const { unit } of stored) on_unit(unit);
  };
  return {
    flush,
    async add(made: ImportedRecord, unit: ImportUnit, size: number) {
      waiting.push({ made, unit });
      bytes += size;
      if (waiting.length >= BATCH || bytes >= BATCH_BYTES) await flush();
    },
  };
}
