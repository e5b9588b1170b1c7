// Owns what holds of all that was asked: which runs are paused, which attempts are cancelled, how many are made at a time.
import type { ControlRow } from "../../db/schema.ts";

/** What holds now. A row is the request that it holds by; undefined: nothing was asked, or it was taken back. */
export type Standing = {
  readonly paused: (run: string) => ControlRow | undefined;
  readonly cancelled: (run: string, attempt_key: string) => ControlRow | undefined;
  /** The last request about how many attempts are made at a time by a process that works on these runs. */
  readonly concurrency: (runs: ReadonlySet<string>) => ControlRow | undefined;
  /** Attempts of a run that are cancelled one by one. */
  readonly cancelledUnits: (run: string) => readonly ControlRow[];
  /** The request that cancelled a whole run. */
  readonly cancelledRun: (run: string) => ControlRow | undefined;
  /** Whether a request is about one of these runs. */
  readonly concerns: (row: ControlRow, runs: ReadonlySet<string>) => boolean;
};

/**
 * What follows from requests in their order; `studies` has the study of each run. Of what was asked of a run and of its
 * study the later counts. To resume a run takes back that it is paused, and that it is cancelled as a whole; to resume a
 * study takes back pauses only, and what was cancelled alone is resumed alone.
 */
export function standing(
  rows: readonly ControlRow[],
  studies: ReadonlyMap<string, string>,
): Standing {
  const last = new Map<string, ControlRow>();
  const units = new Map<string, Map<string, ControlRow>>();
  for (const row of rows) {
    for (const subject of subjectsOf(row)) last.set(keyOf(subject, row.scope, row.name), row);
    if (row.unit === null) continue;
    const ofRun = units.get(row.name) ?? new Map<string, ControlRow>();
    units.set(row.name, ofRun.set(row.unit, row));
  }
  const said = (subject: Subject, run: string) => {
    const study = studies.get(run);
    return later(
      last.get(keyOf(subject, "run", run)),
      study === undefined ? undefined : last.get(keyOf(subject, "study", study)),
    );
  };
  const cancelledRun = (run: string) => {
    const row = last.get(keyOf("cancel", "run", run));
    return row?.verb === "cancel" ? row : undefined;
  };
  return {
    paused(run) {
      const row = said("pause", run);
      return row?.verb === "pause" ? row : undefined;
    },
    cancelledRun,
    cancelled(run, attempt_key) {
      const [whole, alone] = [cancelledRun(run), units.get(run)?.get(attempt_key)];
      if (alone?.verb === "cancel") return alone;
      return later(whole, alone) === whole ? whole : undefined;
    },
    cancelledUnits: (run) =>
      [...(units.get(run)?.values() ?? [])].filter(({ verb }) => verb === "cancel"),
    concurrency: (runs) =>
      [...runs].map((run) => said("concurrency", run)).reduce(later, undefined),
    concerns: ({ scope, name }, runs) =>
      scope === "run" ? runs.has(name) : [...runs].some((run) => studies.get(run) === name),
  };
}

type Subject = "pause" | "cancel" | "concurrency";

/** What a request says something about. */
function subjectsOf({ verb, unit, scope }: ControlRow): Subject[] {
  if (unit !== null) return [];
  if (verb === "resume") return scope === "run" ? ["pause", "cancel"] : ["pause"];
  return [verb];
}

const keyOf = (subject: Subject, scope: ControlRow["scope"], name: string) =>
  `${subject} ${scope} ${name}`;

function later(one: ControlRow | undefined, other: ControlRow | undefined) {
  if (one === undefined || other === undefined) return one ?? other;
  return one.id > other.id ? one : other;
}
