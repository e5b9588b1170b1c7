// Owns testing each distinct tree once: results shared by all callers, from the ledger or made now.
import type { Ledger } from "../../db/ledger.ts";
import type { SuiteResultRow } from "../../db/schema.ts";
import { taskKey } from "../core/keys.ts";
import { openGate } from "../core/pool.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { goldTrees } from "./gold-trees.ts";
import { openLanes } from "./lanes.ts";
import { holdsFor } from "./limits.ts";
import { type RunSuite, runsHere } from "./run-once.ts";
import { testNow } from "./settle.ts";
import { ranTests, silenceOf } from "./silent.ts";
import { type SuiteKey, suiteKey, type TreeUnderTest } from "./suite-key.ts";
import { openWaited, type Waited } from "./waited.ts";

export type { TreeUnderTest } from "./suite-key.ts";
export type TesterOptions = {
  readonly ledger: Ledger;
  readonly backend: Backend;
  readonly timeout_ms: number;
  /** Tests again what already has a result. */
  readonly force: boolean;
  /** Suites whose tests run at a time. */
  readonly suites: number;
  readonly signal: AbortSignal;
  /** Runs suites elsewhere, as many at a time as it is asked; in this process when absent. */
  readonly elsewhere?: RunSuite | undefined;
};
export type Tester = {
  /** One that its last waiting caller gives up, by the signal, is stopped; then the caller's signal's reason is thrown. */
  readonly test: (wanted: TreeUnderTest, signal?: AbortSignal) => Promise<SuiteResultRow>;
  /** Tests it again, whatever is known of it. */
  readonly testAgain: (wanted: TreeUnderTest) => Promise<SuiteResultRow>;
  /** Tests it again, with no other suite of the same engine under way. */
  readonly testAlone: (wanted: TreeUnderTest) => Promise<SuiteResultRow>;
  /** The key that the result is kept under. Throws Faults. */
  readonly keyOf: (wanted: TreeUnderTest) => Promise<string>;
  readonly counts: () => SuiteCounts;
};
/** Suites of this call: run to their end, and asked for but not available yet. Known results do not count. */
export type SuiteCounts = {
  readonly run: number;
  readonly to_come: number;
  /** Keys of tasks whose suites ran in this call, none of which ran a test. */
  readonly untested: readonly string[];
};

/** Tests trees: from the ledger, from a test under way for another caller, or now. Faults are thrown, never stored. */
export function openTester(options: TesterOptions): Tester {
  const { ledger, backend } = options;
  const started = new Map<string, Started>();
  const tasks = new Map<string, boolean>();
  const run_suite = runOf(options);
  const limits = { timeout_ms: options.timeout_ms, ...backend.limits };
  let [run, to_come] = [0, 0];

  const start = (wanted: TreeUnderTest, key: SuiteKey, alone = false) => {
    const comparing = () => goldResult(wanted, key);
    const waited = openWaited(options.signal);
    const { signal } = waited;
    const result = testNow(
      { ...options, signal, run: run_suite, limits, comparing },
      { wanted, key, alone },
    );
    const one = { at_ms: performance.now(), result, waited };
    started.set(key.suite_key, one);
    to_come++;
    const task = taskKey(wanted.task);
    result
      .then((row) => {
        run++;
        tasks.set(task, ranTests(row) || tasks.get(task) === true);
      })
      .catch((error) => {
        // A caller that asks again after a fault gets a new try, not the old fault.
        if (started.get(key.suite_key)?.result === result) started.delete(key.suite_key);
        if (silenceOf(error) !== undefined) tasks.set(task, tasks.get(task) === true);
      })
      .finally(() => to_come--);
    return one;
  };

  /** The reference patch's current result in this environment; undefined if it is the tree under test. */
  const goldResult = async (wanted: TreeUnderTest, { feature }: SuiteKey) => {
    const { task } = wanted;
    const [gold] = await goldTrees(backend, { task, features: [feature] }, { ...options, git: 1 });
    if (gold === undefined || gold.tree === wanted.tree) return undefined;
    const subject = { ...wanted, tree: gold.tree, diff: gold.diff };
    const key = await suiteKey(options, subject);
    const known = started.get(key.suite_key);
    const shared = known && performance.now() - known.at_ms < SHARED_MS;
    return await resultOf(shared ? known : start(subject, key));
  };

  const test = async (wanted: TreeUnderTest, signal?: AbortSignal) => {
    const key = await suiteKey(options, wanted);
    signal?.throwIfAborted();
    const known = started.get(key.suite_key);
    if (known && !known.waited.signal.aborted) return await resultOf(known, signal);
    const stored = options.force ? undefined : ledger.scores.suite(key.suite_key);
    if (stored && holdsFor(stored, limits)) return stored;
    return await resultOf(start(wanted, key), signal);
  };
  return {
    test,
    testAgain: async (wanted) => await resultOf(start(wanted, await suiteKey(options, wanted))),
    testAlone: async (wanted) =>
      await resultOf(start(wanted, await suiteKey(options, wanted), true)),
    counts: () => ({
      ...{ run, to_come },
      untested: [...tasks].flatMap(([task, tested]) => (tested ? [] : [task])),
    }),
    keyOf: async (wanted) => (await suiteKey(options, wanted)).suite_key,
  };
}

function runOf({ backend, suites, elsewhere }: TesterOptions): RunSuite {
  if (elsewhere === undefined) return runsHere(backend, openLanes(suites, backend.name));
  const width = openGate(suites);
  return (suite) => width(() => elsewhere(suite));
}

/** How long the answer of a reference patch's suite is taken as the current state of its environment. */
const SHARED_MS = 60 * 60_000;

type Started = {
  readonly at_ms: number;
  readonly result: Promise<SuiteResultRow>;
  readonly waited: Waited;
};
const resultOf = ({ waited, result }: Started, signal?: AbortSignal) => waited.by(result, signal);
