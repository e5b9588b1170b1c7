// Owns proving a task's own parts: tests alone must fail, gold must pass, and all features together must pass.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check, CheckRow, FeatureRow } from "../../db/schema.ts";
import { asFault, Fault } from "../fault.ts";
import { quickScratch, sha256 } from "../files.ts";
import { featureKey, taskKey } from "../keys.ts";
import { type MergeJob, mergeAttempts } from "../merge/merge.ts";
import { eachOf } from "../pool.ts";
import type { Base, TaskFiles } from "../sandbox/sandbox.ts";
import { openTester, type Tester, type TesterOptions } from "./results.ts";

export type CheckPlan = Omit<TesterOptions, "force"> & {
  readonly tasks: readonly { readonly task: TaskFiles; readonly features: readonly FeatureRow[] }[];
  /** Times each suite is run; differing outcomes make it flaky. */
  readonly repeat: number;
  readonly force: boolean;
  readonly onDone: (finding: Finding) => void;
};
export type Finding =
  | (Pick<CheckRow, "kind" | "good" | "flaky" | "outcomes"> & { readonly key: string })
  | { readonly key: string; readonly kind: Check; readonly fault: Fault };

type Subject = {
  readonly kind: Check;
  readonly feature: FeatureRow;
  readonly tree: string;
  readonly diff: string;
};

/** Checks every feature of the tasks and stores what it finds. Faults do not stop the others. */
export async function checkDataset(plan: CheckPlan): Promise<void> {
  const testers = Array.from({ length: plan.repeat }, (_, round) =>
    openTester({ ...plan, force: plan.force || round > 0 }),
  );
  for (const { task, features } of plan.tasks) {
    if (plan.signal.aborted) return;
    try {
      const base = await plan.backend.base(task, plan.signal);
      const environment = (await plan.backend.environment(task)) ?? "";
      const subjects = await subjectsOf(plan, { task, features, base });
      await eachOf(subjects, { concurrency: plan.suites, signal: plan.signal }, (subject) =>
        checkOne(plan, { task, environment, subject, testers }),
      );
    } catch (error) {
      for (const feature of features)
        plan.onDone({ key: featureKey(feature), kind: "gold", fault: asFault(error) });
    }
  }
}

type One = {
  readonly task: TaskFiles;
  readonly environment: string;
  readonly subject: Subject;
  readonly testers: readonly Tester[];
};

async function checkOne(
  plan: CheckPlan,
  { task, environment, subject, testers }: One,
): Promise<void> {
  const { kind, feature, tree, diff } = subject;
  const { repo, task_id, feature_id } = feature;
  const key = featureKey(feature);
  const label = `check/${key}/${kind.replaceAll(" ", "-")}`;
  try {
    const outcomes: string[] = [];
    let suite_key = "";
    for (const tester of testers) {
      const result = await tester.test({ task, feature_id, tree, diff, label });
      outcomes.push(result.outcome);
      suite_key = result.suite_key;
    }
    const good = outcomes.every((outcome) => (outcome === "passed") === (kind !== "tests alone"));
    const flaky = new Set(outcomes).size > 1;
    const backend = plan.backend.name;
    const checked_at = new Date().toISOString();
    const found = { kind, good, flaky, outcomes };
    plan.ledger.checks.put([
      {
        repo,
        task_id,
        feature_id,
        backend,
        environment,
        task_hash: task.task_hash,
        suite_key,
        checked_at,
        ...found,
      },
    ]);
    plan.onDone({ key, ...found });
  } catch (error) {
    if (!plan.signal.aborted) plan.onDone({ key, kind, fault: asFault(error) });
  }
}

type Known = {
  readonly task: TaskFiles;
  readonly features: readonly FeatureRow[];
  readonly base: Base;
};

/** The trees to test: the base itself, the base with each gold patch, and the base with everything. */
async function subjectsOf(plan: CheckPlan, known: Known): Promise<Subject[]> {
  const { task, features, base } = known;
  const gold = plan.ledger.dataset.patchBytes(features.map(({ gold_patch }) => gold_patch));
  const combined = join(task.dir, "combined.patch");
  const patches = new Map<string, Uint8Array>([["tests alone", new Uint8Array()]]);
  for (const { feature_id, gold_patch } of features)
    patches.set(`${feature_id}`, gold.get(gold_patch) ?? new Uint8Array());
  if (existsSync(combined)) patches.set("combined", readFileSync(combined));
  const trees = await treesOf(plan, known, patches);
  const nothing = sha256("");
  plan.ledger.dataset.keepPatches([{ hash: nothing, bytes: new Uint8Array() }]);
  return features.flatMap((feature) => {
    const own = trees.get(`${feature.feature_id}`);
    const all = trees.get("combined");
    return [
      { kind: "tests alone" as const, feature, tree: base.tree, diff: nothing },
      ...(own ? [{ kind: "gold" as const, feature, ...own }] : []),
      ...(all ? [{ kind: "combined" as const, feature, ...all }] : []),
    ];
  });
}

/** Each patch on the base, as a tree and a stored diff. Throws Fault `dataset_invalid` for one that does not apply. */
async function treesOf(
  plan: CheckPlan,
  { task, base }: Known,
  patches: ReadonlyMap<string, Uint8Array>,
) {
  const jobs: MergeJob[] = [...patches].map(([id, patch]) => ({
    id,
    base: { kind: "repository", git_dir: base.git_dir, tree: base.tree },
    patches: [patch],
  }));
  await using folder = quickScratch("check");
  const outcomes = await mergeAttempts(jobs, {
    scratch: folder.path,
    concurrency: 2,
    signal: plan.signal,
  });
  const trees = new Map<string, { tree: string; diff: string }>();
  for (const outcome of outcomes) {
    if ("fault" in outcome) throw outcome.fault;
    const { tree, diff } = outcome.naive;
    const { reason } = outcome.patches[0] ?? {};
    if (reason !== undefined)
      throw new Fault(
        "dataset_invalid",
        `${taskKey(task)}: the patch of ${outcome.id} does not apply: ${reason}`,
        {
          hint: "the dataset or the image is not what it should be",
        },
      );
    if (tree === undefined || diff === undefined) continue;
    const hash = sha256(diff);
    plan.ledger.dataset.keepPatches([{ hash, bytes: diff }]);
    trees.set(outcome.id, { tree, diff: hash });
  }
  return trees;
}
