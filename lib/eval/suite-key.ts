// Owns the key of a suite's result: environment, tree, tests and runner.
import type { Ledger } from "../../db/ledger.ts";
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { taskKey } from "../core/keys.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { EVAL_RULES } from "./rules.ts";

/** A tree to test with one feature's suite. `diff` is the hash of the stored patch that takes the base to the tree. */
export type TreeUnderTest = {
  readonly task: TaskFiles;
  readonly feature_id: number;
  readonly tree: string;
  readonly diff: string;
  readonly label: string;
};
type Sources = { readonly ledger: Ledger; readonly backend: Backend };
export type SuiteKey = Awaited<ReturnType<typeof suiteKey>>;

/** What the result of a piece of testing is kept under, with its parts. Throws Faults. */
export async function suiteKey({ ledger, backend }: Sources, wanted: TreeUnderTest) {
  const { task, feature_id } = wanted;
  const feature = ledger.dataset
    .featuresAt(task)
    .find((candidate) => candidate.feature_id === feature_id);
  if (!feature)
    throw new Fault("dataset_missing", `${taskKey(task)} has no feature ${feature_id}`, {
      hint: "run fetch-dataset again",
    });
  const parts = {
    feature,
    environment: await knownEnvironment(backend, task),
    tree: wanted.tree,
    tests_patch: feature.tests_patch,
    runner_hash: backend.runner(task).hash,
  };
  const { environment, tree, tests_patch, runner_hash } = parts;
  const suite_key = sha256(
    JSON.stringify([EVAL_RULES, environment, tree, tests_patch, runner_hash]),
  );
  return { ...parts, suite_key };
}

async function knownEnvironment(backend: Backend, task: TaskFiles): Promise<string> {
  const environment = await backend.environment(task);
  if (environment !== undefined) return environment;
  throw new Fault("no_image", `the environment of ${taskKey(task)} is not known yet`, {
    hint: "prepare its base first",
  });
}
