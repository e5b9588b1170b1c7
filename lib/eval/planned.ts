// Owns what the verdict on an attempt rests on: its present merge, its present surroundings, the rules.
import type { Ledger } from "../../db/ledger.ts";
import type { MergeRow, ScoreRow } from "../../db/schema.ts";
import { asFault, Fault } from "../fault.ts";
import { sha256 } from "../files.ts";
import { isCurrentMerge, mergeInputs, storedMerges } from "../merge/planned.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { EVAL_RULES } from "./rules.ts";
import type { Attempt } from "./verdict.ts";

export type Verdict = Pick<ScoreRow, "outcome" | "policy" | "path" | "passed" | "cause">;
export type VerdictSources = {
  readonly ledger: Ledger;
  readonly taskOf: (pair_key: string) => TaskFiles;
  readonly backend: Backend;
  /** Tests each agent's patch alone too. */
  readonly premerge: boolean;
};
/** `inputs_hash` is undefined where a verdict cannot be current: there is no merge, or the surroundings are not known. */
export type VerdictInputs = {
  readonly attempt: Attempt;
  readonly task: TaskFiles;
  readonly merges: readonly MergeRow[];
  readonly inputs_hash: string | undefined;
};

/** What the verdicts on attempts rest on, in the order of the keys; a Fault for those whose task is not to be had. */
export async function verdictInputs(
  { ledger, taskOf, backend, premerge }: VerdictSources,
  keys: readonly string[],
): Promise<(VerdictInputs | Fault)[]> {
  const merging = await mergeInputs({ ledger, taskOf, baseOf: backend.baseAtHand }, keys);
  const stored = storedMerges(ledger, keys);
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
      const task = taskOf(attempt.pair_key);
      const environment = await environmentOf(task).catch(asFault);
      if (environment instanceof Fault) return environment;
      const inputs_hash = hashOf({ merge: merges[0], environment, premerge });
      return { attempt, task, merges, inputs_hash };
    }),
  );
}

type Rests = {
  readonly merge: MergeRow | undefined;
  readonly environment: string | undefined;
  readonly premerge: boolean;
};

function hashOf({ merge, environment, premerge }: Rests): string | undefined {
  if (merge === undefined || environment === undefined) return undefined;
  return sha256(JSON.stringify([EVAL_RULES, merge.inputs_hash, environment, premerge]));
}

export function verdictOf({ outcome, policy, path, passed, cause }: ScoreRow): Verdict {
  return { outcome, policy, path, passed, cause };
}
