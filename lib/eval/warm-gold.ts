// Owns what warming runs: a suite that reveals nothing of the solutions, and the gold patches' suites.
import type { Ledger } from "../../db/ledger.ts";
import type { FeatureRow, SuiteResultRow } from "../../db/schema.ts";
import { featureKey, taskKey } from "../core/keys.ts";
import { eachOf } from "../core/pool.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { goldTrees } from "./gold-trees.ts";
import { openTester } from "./results.ts";
import { silenceOf } from "./silent.ts";
import { runSuite, type SuiteVerdict } from "./suite.ts";

export type WarmTask = { readonly task: TaskFiles; readonly features: readonly FeatureRow[] };
export type WarmWork = {
  readonly ledger: Ledger;
  /** Suites at a time. */
  readonly suites: number;
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
};
type Outcomes = ReadonlyMap<number, SuiteResultRow["outcome"]>;

/** Tests that add nothing to run: the runner installs, builds and runs what the base has. */
const NO_NEW_TESTS = Buffer.from(`diff --git a/tandem-warm.txt b/tandem-warm.txt
new file mode 100644
--- /dev/null
+++ b/tandem-warm.txt
@@ -0,0 +1 @@
+no new tests
`);

/** Runs the task's runner on the base with no new tests. What the tests say does not matter; throws Faults. */
export async function runBase(backend: Backend, { task }: WarmTask, work: WarmWork): Promise<void> {
  const { tree } = await backend.base(task, work.signal);
  await runSuite(backend, {
    ...{ task, tree, feature_id: 0, diff: new Uint8Array(), tests_patch: NO_NEW_TESTS },
    ...{ timeout_ms: work.timeout_ms, signal: work.signal, label: `warm/${taskKey(task)}` },
  });
}

/** Each feature's suite on its gold patch, from the ledger if it is known for this environment. */
export async function testGold(
  backend: Backend,
  { task, features }: WarmTask,
  work: WarmWork,
): Promise<Outcomes> {
  const tester = openTester({ ...work, backend, force: false });
  const trees = await goldTrees(backend, { task, features }, { ...work, git: work.suites });
  const outcomes = new Map<number, SuiteResultRow["outcome"]>();
  const options = { concurrency: work.suites, signal: work.signal };
  await eachOf(trees, options, async ({ feature, tree, diff }) => {
    const label = `warm/${featureKey(feature)}`;
    const { feature_id } = feature;
    const tested = tester.test({ task, feature_id, tree, diff, label });
    outcomes.set(feature_id, await tested.then(({ outcome }) => outcome).catch(outcomeOf));
  });
  work.signal.throwIfAborted();
  return outcomes;
}

/** Warming asks whether the reference patch's runner dies here. Throws any other error. */
function outcomeOf(error: unknown): SuiteResultRow["outcome"] {
  const outcome = silenceOf(error);
  if (outcome === undefined) throw error;
  return outcome;
}

/** Like {@link testGold}, one after another and without keeping the results. */
export async function runGold(
  backend: Backend,
  { task, features }: WarmTask,
  work: WarmWork,
): Promise<Outcomes> {
  const { ledger, timeout_ms, signal } = work;
  const outcomes = new Map<number, SuiteVerdict["outcome"]>();
  for (const { feature, tree, diff } of await goldTrees(
    backend,
    { task, features },
    { ...work, git: work.suites },
  )) {
    const bytes = ledger.dataset.patchBytes([diff, feature.tests_patch]);
    const { outcome } = await runSuite(backend, {
      ...{ task, tree, timeout_ms, signal, feature_id: feature.feature_id },
      label: `warm/${featureKey(feature)}`,
      diff: bytes.get(diff) ?? new Uint8Array(),
      tests_patch: bytes.get(feature.tests_patch) ?? new Uint8Array(),
    });
    outcomes.set(feature.feature_id, outcome);
  }
  return outcomes;
}
