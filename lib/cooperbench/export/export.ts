// Owns writing runs as a logs tree that CooperBench's tools read, in the released form or in the documented one.

import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Attempt } from "../../../db/attempts.ts";
import type { Ledger } from "../../../db/ledger.ts";
import type { RunRow } from "../../../db/schema.ts";
import { settle } from "../../core/disk.ts";
import { asFault, type Fault, UsageError } from "../../core/fault.ts";
import { jsonText, removeFolder, writeUnsettled } from "../../core/files.ts";
import { sumOf } from "../../core/lists.ts";
import { unknownName } from "../../core/nearest.ts";
import { runsNamed } from "../../select/named-runs.ts";
import { attemptsWithin } from "../../select/select.ts";
import type { Selection } from "../../select/selection.ts";
import type { WrittenForm } from "../forms.ts";
import { isWithin } from "../import/runs.ts";
import { type Exported, type Files, openExported, type Verdicts } from "./attempt.ts";
import { documentedFiles, documentedFolder } from "./documented.ts";
import { releasedFiles, releasedFolder } from "./released.ts";
import { runFiles } from "./summaries.ts";

export type ExportRequest = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly runs: readonly string[];
  /** Which of their attempts. */
  readonly select: Omit<Selection, "keys" | "run">;
  readonly out_dir: string;
  readonly form: WrittenForm;
  /** Write over what an earlier export left. */
  readonly force?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly on_start?: ((total: number) => void) | undefined;
  readonly on_unit: (unit: ExportUnit) => void;
};
export type ExportUnit =
  | {
      readonly key: string;
      readonly path: string;
      readonly problems: readonly string[];
      readonly fresh: true;
    }
  | { readonly key: string; readonly fault: Fault };

type Part = {
  readonly run: RunRow;
  readonly name: string;
  readonly folder: string;
  readonly attempts: readonly Attempt[];
};

/**
 * Writes every attempt of the runs, then the files of their form about runs as a whole. The released form has no second
 * try: those become separate runs, `<run>-try2`. Throws UsageError, before anything is written, for unknown runs and
 * for folders that are not empty.
 */
export async function exportLogs(request: ExportRequest): Promise<void> {
  const runs = new Set(request.runs.flatMap((name) => runsNamed(request.ledger, name)));
  const parts = [...runs].flatMap((name) => partsOf(request, name));
  checkPlaces(request, parts);
  request.on_start?.(sumOf(parts, ({ attempts }) => attempts.length));
  for (const part of parts) await exportPart(request, part);
}

function partsOf(request: ExportRequest, name: string): Part[] {
  const { ledger, form, out_dir, select } = request;
  const run = ledger.runs.find(name);
  if (run === undefined)
    throw new UsageError(
      unknownName(
        "run",
        name,
        ledger.runs.all().map((row) => row.run),
      ),
    );
  const attempts = ledger.attempts.select(attemptsWithin(ledger, { ...select, run: name }));
  if (attempts.length === 0)
    throw new UsageError(`run "${name}" has no finished attempt to export`);
  const groups = form === "documented" ? [[1, attempts] as const] : [...byTry(attempts)];
  return groups.map(([number, own]) => {
    const named = number === 1 ? name : `${name}-try${number}`;
    return { run, name: named, folder: join(out_dir, named), attempts: own };
  });
}

function byTry(attempts: readonly Attempt[]): Map<number, Attempt[]> {
  return Map.groupBy(attempts, (attempt) => attempt.try);
}

function checkPlaces({ log_dir, force }: ExportRequest, parts: readonly Part[]): void {
  const logs = existsSync(log_dir) ? realpathSync(log_dir) : resolve(log_dir);
  const seen = new Set<string>();
  for (const { folder, run } of parts) {
    if (seen.has(folder))
      throw new UsageError(`two runs would be written to ${folder}: export one`);
    seen.add(folder);
    const target = existsSync(folder) ? realpathSync(folder) : resolve(folder);
    const own = join(logs, run.run);
    if (isWithin(target, own) || isWithin(own, target))
      throw new UsageError(`${folder} is the run's own folder: choose another with -o`);
    if (!force && existsSync(folder) && readdirSync(folder).length > 0)
      throw new UsageError(`${folder} exists: choose another folder with -o, or --force`);
  }
}

async function exportPart(request: ExportRequest, part: Part): Promise<void> {
  const { ledger } = request;
  const runs = [part.run.run];
  const scores = ledger.scores.byAttempt("union", runs);
  const verdicts = { scores, merges: ledger.merges.byAttempt(runs) };
  for (const attempt of part.attempts) {
    // Writing is synchronous: signals are heard in between.
    await Bun.sleep(0);
    if (request.signal.aborted) return;
    try {
      request.on_unit(exportOne({ ...request, verdicts }, part, attempt));
    } catch (error) {
      const fault = asFault(error);
      if (["disk_failed", "disk_full", "not_writable", "ledger_unreadable"].includes(fault.code))
        throw error;
      request.on_unit({ key: attempt.attempt_key, fault });
    }
  }
  if (request.form === "documented") {
    writeUnsettled(join(part.folder, "run.json"), jsonText(part.run));
  } else {
    for (const [name, json] of Object.entries(runFiles({ ...part, ledger })))
      writeUnsettled(join(part.folder, name), jsonText(json));
  }
  // The folder exists, since a run without attempts is not exported.
  await settle(part.folder);
}

function exportOne(
  request: ExportRequest & { readonly verdicts: Verdicts },
  part: Part,
  attempt: Attempt,
): ExportUnit {
  const { form } = request;
  const exported: Exported = openExported({ ...request, run: part.run }, attempt);
  const released = form === "released";
  const path = join(part.folder, released ? releasedFolder(exported) : documentedFolder(exported));
  writeFiles(path, released ? releasedFiles(exported) : documentedFiles(exported));
  return { key: attempt.attempt_key, path, problems: exported.problems, fresh: true };
}

function writeFiles(folder: string, files: Files): void {
  removeFolder(folder);
  for (const [name, content] of files)
    writeUnsettled(
      join(folder, name),
      content instanceof Uint8Array ? content : jsonText(content.json),
    );
}
