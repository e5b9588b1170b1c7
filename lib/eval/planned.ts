// Owns what the verdict on an attempt rests on: its current merge, its current environment, the rules.

import type { Attempt } from "../../db/attempts.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { DerivedPolicy, MergeRow, ScoreRow } from "../../db/schema.ts";
import { asFault, Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { DEFAULT_POLICY, DERIVED_POLICIES } from "../core/vocabulary.ts";
import { isCurrentMerge, mergeInputs, storedMerges } from "../merge/planned.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { holdsFor } from "./limits.ts";
import { EVAL_RULES } from "./rules.ts";

export type Verdict = Pick<ScoreRow, "outcome" | "policy" | "path" | "passed" | "cause">;
export type VerdictSources = {
  readonly ledger: Ledger;
  readonly taskOf: (pair_key: string, task_hash?: string) => TaskFiles;
  readonly backend: Backend;
  /** Tests each agent's patch alone too. */
  readonly premerge: boolean;
  /** Policies that are asked for. */
  readonly policies: readonly DerivedPolicy[];
  /** Deadline of a suite that is asked for. */
  readonly timeout_ms: number;
};
/** Verdicts of an attempt by policy, as far as they are stored. */
export type StoredVerdicts = ReadonlyMap<DerivedPolicy, ScoreRow>;
/**
 * `inputs_hash` is undefined where a verdict cannot be current: there is no merge, or the environment is not known.
 * `holds`: the suites that stored verdicts rest on hold for the limits asked for.
 */
export type VerdictInputs = {
  readonly attempt: Attempt;
  readonly task: TaskFiles;
  readonly merges: readonly MergeRow[];
  readonly inputs_hash: string | undefined;
  readonly holds: boolean;
  readonly environment: string | undefined;
};

/** What the verdicts on attempts rest on, in the order of the keys; a Fault for those whose task is unavailable. */
export async function verdictInputs(
  { ledger, taskOf, backend, premerge, timeout_ms }: VerdictSources,
  keys: readonly string[],
): Promise<(VerdictInputs | Fault)[]> {
  const merging = await mergeInputs({ ledger, taskOf, baseOf: backend.baseAtHand }, keys);
  const stored = storedMerges(ledger, keys);
  const suites = ledger.scores.restingOn(keys);
  const limits = { timeout_ms, ...backend.limits };
  const environments = new Map<string, Promise<string | undefined>>();
  const environmentOf = (task: TaskFiles) => {
    const known = environments.get(task.dir) ?? backend.environment(task);
    environments.set(task.dir, known);
    return known;
  };
  return await Promise.all(
    merging.map(async (inputs, index) => {
      if (inputs instanceof Fault) return inputs;
      const { attempt } = inputs;
      const rows = stored[index] ?? [];
      const merges = isCurrentMerge(rows, inputs) ? rows : [];
      const task = taskOf(attempt.pair_key, attempt.task_hash);
      const environment = await environmentOf(task).catch(asFault);
      if (environment instanceof Fault) return environment;
      const merge = merges[0]?.inputs_hash;
      const inputs_hash = verdictHash({ merge, environment, premerge });
      const holds = (suites.get(attempt.attempt_key) ?? []).every((suite) =>
        holdsFor(suite, limits),
      );
      return { attempt, task, merges, inputs_hash, holds, environment };
    }),
  );
}

/** `merge` is what its merge rests on. */
export type VerdictRests = {
  readonly merge: string | undefined;
  readonly environment: string | undefined;
  readonly premerge: boolean;
};

export function verdictHash(
  { merge, environment, premerge }: VerdictRests,
  rules = EVAL_RULES,
): string | undefined {
  if (merge === undefined || environment === undefined) return undefined;
  return sha256(JSON.stringify([rules, merge, environment, premerge]));
}

/** The stored verdicts on attempts, in the order of the keys; undefined where there is none. */
export function storedVerdicts(
  { scores }: Pick<Ledger, "scores">,
  keys: readonly string[],
): (StoredVerdicts | undefined)[] {
  const rows = DERIVED_POLICIES.map((policy) => [policy, scores.ofAll(policy, keys)] as const);
  return keys.map((key) => {
    const found = rows.flatMap(([policy, byKey]) => {
      const row = byKey.get(key);
      return row === undefined ? [] : [[policy, row] as const];
    });
    return found.length === 0 ? undefined : new Map(found);
  });
}

/** Whether every policy that is asked for has a verdict on these inputs, within these limits. */
export function areCurrent(
  stored: StoredVerdicts,
  { inputs_hash, holds }: Pick<VerdictInputs, "inputs_hash" | "holds">,
  policies: readonly DerivedPolicy[],
): boolean {
  return holds && policies.every((policy) => stored.get(policy)?.inputs_hash === inputs_hash);
}

/** When the oldest of the verdicts asked for was given; empty where one is missing. */
export function judgedAt(stored: StoredVerdicts, policies: readonly DerivedPolicy[]): string {
  return policies.map((policy) => stored.get(policy)?.scored_at ?? "").sort()[0] ?? "";
}

/** The verdict that is reported of an attempt: the default policy's if it was asked for, else the first one's. */
export function toldVerdict(stored: StoredVerdicts, policies: readonly DerivedPolicy[]): ScoreRow {
  const policy = policies.includes(DEFAULT_POLICY) ? DEFAULT_POLICY : policies[0];
  const row = policy && stored.get(policy);
  if (row) return row;
  throw new RangeError(`there is no verdict under ${policy}`);
}

export function verdictOf({ outcome, policy, path, passed, cause }: Verdict): Verdict {
  return { outcome, policy, path, passed, cause };
}
