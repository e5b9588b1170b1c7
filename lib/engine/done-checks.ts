// Owns how an experiment's stages decide that a unit is done; light, so that a finished study is reported at once.
import type { FinishedAttempt } from "../../db/attempts.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { MergeRow } from "../../db/schema.ts";
import type { PlannedAttempt } from "../attempt/planned.ts";
import { asFault, Fault } from "../core/fault.ts";
import { parseAttemptKey } from "../core/keys.ts";
import { verdictChange } from "../eval/changed.ts";
import {
  areCurrent,
  judgedAt,
  type StoredVerdicts,
  storedVerdicts,
  type VerdictInputs,
  type VerdictSources,
  verdictInputs,
} from "../eval/planned.ts";
import type { MergeInputs } from "../merge/inputs.ts";
import { isCurrentMerge, type MergeSources, mergeInputs, storedMerges } from "../merge/planned.ts";
import { mergeChange } from "../merge/rules.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import { aboutAttempt, eachInput, type Stage } from "./stage.ts";

/** The part of a stage that decides whether a unit is done. */
export type Looks<U, I, S> = Omit<Stage<U, I, S, unknown>, "work" | "store"> & {
  /** What changed since a result was stored that is not current. */
  readonly changed: (stored: S, inputs: I) => string;
};

export type AttemptSources = {
  readonly ledger: Ledger;
  /** The task files of a pair's task. Throws Fault `dataset_missing`. */
  readonly taskOf: (pair_key: string) => TaskFiles;
  /** Redoes attempts that were made on another version of their task; otherwise they are faults. */
  readonly redo_changed: boolean;
};
/** A version of a task's files, or why they are unavailable: a finished attempt reports so, and stays as it is. */
export type TaskVersion = { readonly task_hash: string } | { readonly missing: Fault };
export type StoredAttempt = FinishedAttempt & { readonly key: string };

/** Attempts of several runs, each with the sources of its own. */
export function attemptLooks(
  sourcesOf: (run: string) => AttemptSources,
): Looks<PlannedAttempt, TaskVersion, StoredAttempt> {
  return {
    name: "run",
    about: ({ attempt }) => aboutAttempt(attempt),
    inputs: eachInput((unit) => versionOf(sourcesOf(unit.attempt.run), unit.pair_key)),
    stored: (units) => storedAttempts(sourcesOf, units),
    current({ key, task_hash }, version) {
      if ("missing" in version) return version.missing;
      if (task_hash === version.task_hash) return true;
      return sourcesOf(parseAttemptKey(key).run).redo_changed ? false : changedTask(key);
    },
    changed: () => "the task's files changed",
    made_at: ({ started_at }) => started_at,
  };
}

function versionOf({ taskOf }: AttemptSources, pair_key: string): TaskVersion {
  try {
    return { task_hash: taskOf(pair_key).task_hash };
  } catch (error) {
    return { missing: asFault(error) };
  }
}

/** One read per run where there are many. */
function storedAttempts(
  sourcesOf: (run: string) => AttemptSources,
  units: readonly PlannedAttempt[],
): (StoredAttempt | undefined)[] {
  const finished = new Map<string, ReadonlyMap<string, FinishedAttempt>>();
  const among = ({ key, attempt: { run } }: PlannedAttempt) => {
    const known = finished.get(run) ?? sourcesOf(run).ledger.attempts.finished(run);
    finished.set(run, known);
    return known.get(key);
  };
  return units.map((unit) => {
    const { key, attempt } = unit;
    const { attempts } = sourcesOf(attempt.run).ledger;
    const found = units.length === 1 ? attempts.find(key) : among(unit);
    return found && { ...found, key };
  });
}

function changedTask(key: string): Fault {
  return new Fault("dataset_changed", `${key} was run on another version of its task`, {
    hint: "use a new run name with -n, or --force to run it again",
  });
}

/** Merges of finished attempts, by key. */
export function mergeLooks(sources: MergeSources): Looks<string, MergeInputs, readonly MergeRow[]> {
  return {
    name: "merge",
    about: (key) => aboutAttempt(parseAttemptKey(key)),
    inputs: (keys) => mergeInputs(sources, keys),
    stored: (keys) => storedMerges(sources.ledger, keys),
    current: isCurrentMerge,
    changed: mergeChange,
    made_at: ([row]) => row?.merged_at ?? "",
  };
}

/** Verdicts on finished attempts, by key. */
export function verdictLooks(
  sources: VerdictSources,
): Looks<string, VerdictInputs, StoredVerdicts> {
  return {
    name: "eval",
    about: (key) => aboutAttempt(parseAttemptKey(key)),
    inputs: (keys) => verdictInputs(sources, keys),
    stored: (keys) => storedVerdicts(sources.ledger, keys),
    current: (stored, inputs) => areCurrent(stored, inputs, sources.policies),
    changed: (stored, inputs) => verdictChange(stored, inputs, sources),
    made_at: (stored) => judgedAt(stored, sources.policies),
  };
}
