// Owns which attempts have a verdict that is current: on their present merge, in their present surroundings.
import type { MergeRow, ScoreRow } from "../../db/schema.ts";
import { sha256 } from "../files.ts";
import type { Attempt } from "../merge/inputs.ts";
import { type PlannedMergesOptions, plannedMerges } from "../merge/planned.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { EVAL_RULES } from "./rules.ts";

export type Verdict = Pick<ScoreRow, "outcome" | "policy" | "path" | "passed" | "cause">;

/** Every selected attempt, with its verdict when that rests on the present merge and surroundings. */
export async function plannedEvaluations(
  plan: Omit<PlannedMergesOptions, "baseOf"> & {
    readonly backend: Backend;
    readonly premerge: boolean;
  },
) {
  const merges = await plannedMerges({ ...plan, force: false, baseOf: plan.backend.baseAtHand });
  const runs = [...new Set(merges.map(({ inputs }) => inputs.attempt.run))];
  const scores = plan.ledger.scores.byAttempt("union", runs);
  const environments = new Map<string, string | undefined>();
  const units: { attempt: Attempt; done: Verdict | undefined }[] = [];
  for (const { inputs, done } of merges) {
    const { attempt } = inputs;
    const task = plan.taskOf(attempt.pair_key);
    if (!environments.has(task.dir))
      environments.set(task.dir, await plan.backend.environment(task));
    const row = scores.get(attempt.attempt_key);
    const wanted = verdictInputs(done?.[0], environments.get(task.dir), plan.premerge);
    const current = !plan.force && row !== undefined && row.inputs_hash === wanted;
    units.push({ attempt, done: current ? verdictOf(row) : undefined });
  }
  return units;
}

export function verdictOf({ outcome, policy, path, passed, cause }: ScoreRow): Verdict {
  return { outcome, policy, path, passed, cause };
}

/** Undefined when the verdict cannot be current: there is no merge, or the surroundings are not known. */
export function verdictInputs(
  merge: MergeRow | undefined,
  environment: string | undefined,
  premerge: boolean,
) {
  if (merge === undefined || environment === undefined) return undefined;
  return sha256(JSON.stringify([EVAL_RULES, merge.inputs_hash, environment, premerge]));
}
