// Owns testing each distinct tree once: results keyed by surroundings, tree, tests and runner, shared by all who ask.
import type { Ledger } from "../../db/ledger.ts";
import type { SuiteResultRow } from "../../db/schema.ts";
import { Fault } from "../fault.ts";
import { sha256 } from "../files.ts";
import { taskKey } from "../keys.ts";
import { redactDeep } from "../redact.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { patiently } from "../work/patience.ts";
import { keepOutput } from "./keep-output.ts";
import { EVAL_RULES } from "./rules.ts";
import { readySuite } from "./suite.ts";

/** A tree to test with one feature's suite. `diff` is the hash of the stored patch that takes the base to the tree. */
export type TreeUnderTest = {
  readonly task: TaskFiles;
  readonly feature_id: number;
  readonly tree: string;
  readonly diff: string;
  readonly label: string;
};
export type TesterOptions = {
  readonly ledger: Ledger;
  readonly backend: Backend;
  readonly timeout_ms: number;
  /** Tests again what has a result. */
  readonly force: boolean;
  /** Suites whose tests run at a time. */
  readonly suites: number;
  readonly signal: AbortSignal;
};
export type Tester = {
  readonly test: (wanted: TreeUnderTest) => Promise<SuiteResultRow>;
  /** The key that the result is kept under. Throws Faults. */
  readonly keyOf: (wanted: TreeUnderTest) => Promise<string>;
  readonly counts: () => SuiteCounts;
};
/** Suites of this call: run to their end, and asked for but not there yet. Known results do not count. */
export type SuiteCounts = { readonly run: number; readonly to_come: number };

/** Tests trees: from the ledger, from a test under way for somebody else, or now. Faults are thrown, never stored. */
export function openTester(options: TesterOptions): Tester {
  const shared = new Map<string, Promise<SuiteResultRow>>();
  const lanes = openLanes(options.suites);
  let [run, to_come] = [0, 0];
  const test = async (wanted: TreeUnderTest) => {
    const key = await suiteKey(options, wanted);
    const running = shared.get(key.suite_key);
    if (running) return await running;
    const known = options.force ? undefined : options.ledger.scores.suite(key.suite_key);
    if (known) return known;
    const testing = lanes.sandbox(() =>
      testNow({ ...options, running: lanes.running }, wanted, key),
    );
    shared.set(key.suite_key, testing);
    to_come++;
    testing
      .then(() => run++)
      .catch(() => undefined)
      .finally(() => to_come--);
    // Whoever asks again after a fault gets a new try, not the old fault.
    testing.catch(() => shared.delete(key.suite_key));
    return await testing;
  };
  return {
    test,
    counts: () => ({ run, to_come }),
    keyOf: async (wanted) => (await suiteKey(options, wanted)).suite_key,
  };
}

type SuiteKey = Awaited<ReturnType<typeof suiteKey>>;

async function suiteKey({ ledger, backend }: TesterOptions, wanted: TreeUnderTest) {
  const { task, feature_id } = wanted;
  const feature = ledger.dataset
    .featuresAt(task)
    .find((candidate) => candidate.feature_id === feature_id);
  if (!feature)
    throw new Fault("dataset_missing", `${taskKey(task)} has no feature ${feature_id}`, {
      hint: "run fetch-dataset again",
    });
  const parts = {
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
  throw new Fault("no_image", `the surroundings of ${taskKey(task)} are not known yet`, {
    hint: "prepare its base first",
  });
}

type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Tests run `suites` at a time. Opening a sandbox and removing it take as long as a short suite and are mostly waiting:
 * as many sandboxes again (two at least) are made ready for the next suites, or removed, meanwhile.
 */
function openLanes(suites: number): { readonly running: Gate; readonly sandbox: Gate } {
  return { running: openGate(suites), sandbox: openGate(suites + Math.max(2, suites)) };
}

async function testNow(
  options: TesterOptions & { readonly running: Gate },
  wanted: TreeUnderTest,
  key: SuiteKey,
): Promise<SuiteResultRow> {
  const { ledger, backend, timeout_ms, running, signal } = options;
  const { task, feature_id, tree, label } = wanted;
  const bytes = ledger.dataset.patchBytes([wanted.diff, key.tests_patch]);
  const [diff, tests_patch] = [bytes.get(wanted.diff), bytes.get(key.tests_patch)];
  if (!diff || !tests_patch)
    throw new Fault("patch_missing", `the ledger lost a patch that ${label} needs`, {
      hint: "merge again with --force",
    });
  const job = { task, feature_id, tree, diff, tests_patch, timeout_ms, label, signal };
  await using suite = await readySuite(backend, job);
  const { output, ...found } = await running(() => suite.run());
  const { tests, marks, ...verdict } = redactDeep(found);
  const { suite_key, environment, runner_hash } = key;
  const kept = await keepOutput(output);
  const result: SuiteResultRow = {
    suite_key,
    repo: task.repo,
    task_id: task.task_id,
    feature_id,
    environment,
    tree,
    tests_patch: key.tests_patch,
    runner_hash,
    task_hash: task.task_hash,
    ...verdict,
    tests: tests.map(({ name, status }) => ({ name, status })),
    marks: [...marks],
    output: kept.hash,
    tested_at: new Date().toISOString(),
  };
  await patiently(() => ledger.scores.putSuite({ result, output: kept }), signal);
  return result;
}

/** Lets at most `width` pieces of work run at once; the others wait their turn. */
function openGate(width: number): Gate {
  let free = Math.max(1, width);
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
