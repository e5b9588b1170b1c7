// Owns what the merges of attempts rest on, patches, base and hidden tests, and which stored merges still do.

import type { Attempt } from "../../db/attempts.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { FeatureRow, MergeRow, MergeStatus } from "../../db/schema.ts";
import { asFault, Fault } from "../core/fault.ts";
import { taskKey } from "../core/keys.ts";
import type { Base, TaskFiles } from "../sandbox/sandbox.ts";
import type { MergeInputs } from "./inputs.ts";
import { mergeHash } from "./rules.ts";

export type MergeSources = {
  readonly ledger: Ledger;
  readonly taskOf: (pair_key: string, task_hash?: string) => TaskFiles;
  /** The real base of a task when there is one to merge on; the patches themselves make a base otherwise. */
  readonly baseOf: (task: TaskFiles) => Promise<Base | undefined>;
};

/** What the merges of finished attempts rest on, in the order of the keys; a Fault for those whose task or base is not to be had. */
export async function mergeInputs(
  { ledger, taskOf, baseOf }: MergeSources,
  keys: readonly string[],
): Promise<(MergeInputs | Fault)[]> {
  const attempts = new Map(
    ledger.attempts.select({ keys }).map((attempt) => [attempt.attempt_key, attempt]),
  );
  const featuresOf = featuresFinder(ledger);
  const bases = new Map<string, Promise<Base | undefined>>();
  const baseOfTask = (attempt: Attempt) => {
    const name = versionName(attempt);
    const task = () => taskOf(attempt.pair_key, attempt.task_hash);
    const base = bases.get(name) ?? Promise.try(() => baseOf(task()));
    bases.set(name, base);
    return base;
  };
  return await Promise.all(
    keys.map(async (key) => {
      const attempt = attempts.get(key);
      if (attempt === undefined) return setAside(key);
      const base = await baseOfTask(attempt).catch(asFault);
      if (base instanceof Fault) return base;
      return inputsOf({ attempt, base, features: featuresOf(attempt) });
    }),
  );
}

/** The same from the ledger alone, as if no base were at hand; without the keys that it lacks. */
export function ledgerInputs(ledger: Ledger, keys: readonly string[]): MergeInputs[] {
  const featuresOf = featuresFinder(ledger);
  return ledger.attempts
    .select({ keys })
    .map((attempt) => inputsOf({ attempt, base: undefined, features: featuresOf(attempt) }));
}

/** One read per version of a task. */
function featuresFinder({ dataset }: Ledger): (attempt: Attempt) => Features {
  const tasks = new Map<string, Features>();
  return (attempt) => {
    const name = versionName(attempt);
    const features = tasks.get(name) ?? dataset.featuresAt(attempt);
    tasks.set(name, features);
    return features;
  };
}

function versionName(attempt: Attempt): string {
  return `${taskKey(attempt)} ${attempt.task_hash}`;
}

function setAside(key: string): Fault {
  return new Fault("patch_missing", `${key} is no longer in the ledger`, {
    hint: "it was set aside to be done again: run it again",
  });
}

type Features = readonly Pick<FeatureRow, "feature_id" | "gold_patch" | "tests_patch">[];
type Known = {
  readonly attempt: Attempt;
  readonly base: Base | undefined;
  readonly features: Features;
};

function inputsOf({ attempt, base, features }: Known): MergeInputs {
  const context = features.map(({ gold_patch }) => gold_patch);
  const tests = features
    .filter(({ feature_id }) => attempt.features.includes(feature_id))
    .map(({ tests_patch }) => tests_patch);
  const about = { attempt, base, context, tests };
  return { ...about, inputs_hash: mergeHash(about, base?.tree) };
}

/** The stored merges of attempts, in the order of the keys. */
export function storedMerges(
  { merges }: Pick<Ledger, "merges">,
  keys: readonly string[],
): (readonly MergeRow[] | undefined)[] {
  const rows = merges.ofAll(keys);
  return keys.map((key) => rows.get(key));
}

/** A merge on the real tree stays valid when that tree is not at hand any more; one on made-up bases gives way to it. */
export function isCurrentMerge([row]: readonly MergeRow[], inputs: MergeInputs): boolean {
  if (!row) return false;
  if (row.inputs_hash === inputs.inputs_hash) return true;
  const real = row.base_kind === "repository" && inputs.base === undefined;
  return real && row.inputs_hash === mergeHash(inputs, row.base_tree);
}

/** What became of an attempt under both strategies, from its rows. */
export function statuses(rows: readonly MergeRow[]): {
  merge_status: MergeStatus;
  union_status: MergeStatus;
} {
  const of = (strategy: MergeRow["strategy"]) =>
    rows.find((row) => row.strategy === strategy)?.status ?? "apply_failed";
  return { merge_status: of("naive"), union_status: of("union") };
}
