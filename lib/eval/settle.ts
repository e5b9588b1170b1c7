// Owns one suite's result: run until its end can be trusted, and kept. The laboratory's failure is thrown, never stored.
import type { Ledger } from "../../db/ledger.ts";
import type { SuiteLimits, SuiteResultRow } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { featureKey } from "../core/keys.ts";
import { redactDeep } from "../core/redact.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { patiently } from "../work/patience.ts";
import { keepOutput } from "./keep-output.ts";
import type { RunSuite } from "./run-once.ts";
import { isCutShort, isSilent, requireTests, silentFault } from "./silent.ts";
import type { SuiteVerdict } from "./suite.ts";
import type { SuiteKey, TreeUnderTest } from "./suite-key.ts";

export type Testing = {
  readonly ledger: Ledger;
  readonly backend: Backend;
  readonly signal: AbortSignal;
  readonly run: RunSuite;
  readonly limits: SuiteLimits;
  /** The result of the reference patch's suite; undefined if that is the tree under test. */
  readonly comparing: () => Promise<SuiteResultRow | undefined>;
};
export type Subject = {
  readonly wanted: TreeUnderTest;
  readonly key: SuiteKey;
  /** Runs it alone from the beginning. */
  readonly alone: boolean;
};

/** Tests a tree now, and stores the result. Throws Faults. */
export async function testNow(testing: Testing, subject: Subject): Promise<SuiteResultRow> {
  const { ledger, limits, signal } = testing;
  const { wanted, key } = subject;
  const { task, feature_id, tree } = wanted;
  const not_removed: unknown[] = [];
  const { output, timed_out: _, read: __, ...found } = await settle(testing, subject, not_removed);
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
    limits,
  };
  await patiently(() => ledger.scores.putSuite({ result, output: kept }), signal);
  // A suite's result is kept, whatever happened to its sandbox.
  if (not_removed.length > 0) throw not_removed[0];
  return result;
}

/**
 * Runs a suite until its end can be trusted. One that was cut short, ran no test, or failed and is known as flaky, is
 * run once more, alone; for one without a test, the reference patch first shows whether its environment works. Throws
 * Faults `runner_died` and `output_unread` if it does not.
 */
async function settle(
  testing: Testing,
  subject: Subject,
  not_removed: unknown[],
): Promise<SuiteVerdict> {
  const { alone, key } = subject;
  const feature = featureKey(key.feature);
  const again = async (): Promise<SuiteVerdict> => {
    const found = await runOnce(testing, { ...subject, alone: true }, not_removed);
    return { ...found, marks: [...found.marks, "repeated alone"] };
  };
  const first = await runOnce(testing, subject, not_removed);
  let found = isCutShort(first) && !alone ? await again() : first;
  if (isSilent(found)) {
    const gold = await testing.comparing();
    if (gold) requireTests(feature, gold);
    if (found === first && !alone) found = await again();
    if (!gold && isSilent(found)) throw silentFault(feature, found);
    return found;
  }
  const { ledger, backend } = testing;
  const { task_hash } = subject.wanted.task;
  const about = { ...key.feature, task_hash, environment: key.environment, backend: backend.name };
  const repeats = found === first && !alone && found.outcome === "failed";
  return repeats && ledger.checks.isFlaky(about) ? await again() : found;
}

async function runOnce(
  { ledger, limits, signal, run }: Testing,
  { wanted, key, alone }: Subject,
  not_removed: unknown[],
): Promise<SuiteVerdict> {
  const { task, feature_id, tree, label } = wanted;
  const bytes = ledger.dataset.patchBytes([wanted.diff, key.tests_patch]);
  const [diff, tests_patch] = [bytes.get(wanted.diff), bytes.get(key.tests_patch)];
  if (!diff || !tests_patch)
    throw new Fault("patch_missing", `the ledger lacks a patch that ${label} needs`, {
      hint: "merge again with --force",
    });
  const job = {
    task,
    feature_id,
    tree,
    diff,
    tests_patch,
    label,
    signal,
    timeout_ms: limits.timeout_ms,
  };
  const ran = await run({ job, alone, suite_key: key.suite_key });
  not_removed.push(...ran.not_removed);
  return ran.found;
}
