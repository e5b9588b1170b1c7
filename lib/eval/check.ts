// Owns what proves a task's own parts: the base with tests alone, with each gold patch, and with all features together.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check, FeatureRow, SuiteResultRow } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { quickScratch, sha256 } from "../core/files.ts";
import { featureKey, taskKey } from "../core/keys.ts";
import { type MergeJob, mergeAttempts } from "../merge/merge.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import { addedTests, ranNone } from "./added-tests.ts";
import { type CheckFacts, type CheckFinding, findingOf, stateOf } from "./check-finding.ts";
import {
  openTester,
  type SuiteCounts,
  type Tester,
  type TesterOptions,
  type TreeUnderTest,
} from "./results.ts";

/** One feature of a task, and what is to be proved of it. */
export type CheckSubject = {
  readonly task: TaskFiles;
  /** All features of the task. */
  readonly features: readonly FeatureRow[];
  readonly feature: FeatureRow;
  readonly kind: Check;
};
export type Checker = {
  /** The tree that a check tests, and the key of its suite. Throws Faults, `dataset_invalid` for a patch that does not apply. */
  readonly subject: (
    of: CheckSubject,
  ) => Promise<{ readonly subject: TreeUnderTest; readonly suite_key: string }>;
  /** Runs the suite, and again, alone, what is not as it should be. Throws Faults. */
  readonly test: (of: CheckSubject) => Promise<CheckFinding>;
  readonly counts: () => SuiteCounts;
};
export type CheckerOptions = TesterOptions & { readonly repeat: number };
type Tree = { readonly tree: string; readonly diff: string };
type Trees = ReadonlyMap<string, Tree>;

/** What is not as it should be is run this many times more, with no other suite running, before it is reported. */
const REPEATS_ALONE = 3;

/** Each task's trees are made once, and again after a fault. */
export function openChecker(options: CheckerOptions): Checker {
  const tester = openTester(options);
  const made = new Map<string, Promise<Trees>>();
  const treesOf = (of: CheckSubject) => {
    const key = taskKey(of.task);
    const trees = made.get(key) ?? treesOfTask(options, of);
    made.set(key, trees);
    trees.catch(() => made.delete(key));
    return trees;
  };
  const subjectOf = async (of: CheckSubject): Promise<TreeUnderTest> => {
    const { task, feature, kind } = of;
    const tree = (await treesOf(of)).get(nameOf(feature, kind));
    if (tree === undefined)
      throw new Fault("dataset_invalid", `${featureKey(feature)}: its ${kind} has no tree`, {
        hint: "the dataset or the image is not as it should be",
      });
    const label = `check/${featureKey(feature)}/${kind.replaceAll(" ", "-")}`;
    return { task, feature_id: feature.feature_id, ...tree, label };
  };
  return {
    async subject(of) {
      const subject = await subjectOf(of);
      return { subject, suite_key: await tester.keyOf(subject) };
    },
    async test(of) {
      const subject = await subjectOf(of);
      const runs = [await tester.test(subject)];
      while (runs.length < options.repeat) runs.push(await tester.testAgain(subject));
      if (runs.some((run) => stateOf(of.kind, run) !== "good"))
        for (let time = 0; time < REPEATS_ALONE; time++) runs.push(await tester.testAlone(subject));
      return findingOf(of.kind, runs, await factsOf({ ...options, tester, subjectOf }, of, runs));
    },
    counts: tester.counts,
  };
}

type Looking = CheckerOptions & {
  readonly tester: Tester;
  readonly subjectOf: (of: CheckSubject) => Promise<TreeUnderTest>;
};

/** What shows a cause; other trees are only tested if this one failed. */
async function factsOf(
  { ledger, tester, subjectOf }: Looking,
  of: CheckSubject,
  runs: readonly SuiteResultRow[],
): Promise<CheckFacts> {
  const { feature, kind, task } = of;
  const outcomeWith = async (other: Check) =>
    (await tester.test(await subjectOf({ ...of, kind: other }))).outcome;
  const tests_patch = ledger.dataset.patchBytes([feature.tests_patch]).get(feature.tests_patch);
  const added = addedTests(tests_patch ?? new Uint8Array());
  const failed = kind !== "tests alone" && runs.at(-1)?.outcome === "failed";
  const output = (hash: string) => Buffer.from(ledger.scores.output(hash) ?? []).toString("utf8");
  return {
    added: added.names,
    ran_none: runs.every(
      (run) => run.outcome === "passed" && ranNone(added, run, output(run.output)),
    ),
    gold: failed ? await outcomeWith("gold") : undefined,
    combined: failed && hasCombined(task) ? await outcomeWith("combined") : undefined,
  };
}

/** Whether the dataset defines how all features go together. */
export function hasCombined({ dir }: TaskFiles): boolean {
  return existsSync(join(dir, COMBINED));
}

const COMBINED = "combined.patch";

function nameOf({ feature_id }: FeatureRow, kind: Check): string {
  return kind === "gold" ? `${feature_id}` : kind;
}

/** The base itself, the base with each gold patch, and the base with everything, as trees and stored diffs. */
async function treesOfTask(
  { ledger, backend, signal }: CheckerOptions,
  { task, features }: CheckSubject,
): Promise<Trees> {
  const base = await backend.base(task, signal);
  const gold = ledger.dataset.patchBytes(features.map(({ gold_patch }) => gold_patch));
  const patches = new Map<string, Uint8Array>();
  for (const { feature_id, gold_patch } of features)
    patches.set(`${feature_id}`, gold.get(gold_patch) ?? new Uint8Array());
  if (hasCombined(task)) patches.set("combined", readFileSync(join(task.dir, COMBINED)));
  const jobs: MergeJob[] = [...patches].map(([id, patch]) => ({
    id,
    base: { kind: "repository", git_dir: base.git_dir, tree: base.tree },
    patches: [patch],
  }));
  await using folder = quickScratch("check");
  const outcomes = await mergeAttempts(jobs, { scratch: folder.path, concurrency: 2, signal });
  const nothing = { hash: sha256(""), bytes: new Uint8Array() };
  ledger.dataset.keepPatches([nothing]);
  const trees = new Map<string, Tree>([["tests alone", { tree: base.tree, diff: nothing.hash }]]);
  for (const outcome of outcomes) {
    if ("fault" in outcome) throw outcome.fault;
    const { tree, diff } = outcome.naive;
    const { reason } = outcome.patches[0] ?? {};
    if (reason !== undefined)
      throw doesNotApply(`${taskKey(task)}: the patch of ${outcome.id}`, reason);
    if (tree === undefined || diff === undefined) continue;
    const hash = sha256(diff);
    ledger.dataset.keepPatches([{ hash, bytes: diff }]);
    trees.set(outcome.id, { tree, diff: hash });
  }
  return trees;
}

function doesNotApply(what: string, reason: string): Fault {
  return new Fault("dataset_invalid", `${what} does not apply: ${reason}`, {
    hint: "the dataset or the image is not as it should be",
  });
}
