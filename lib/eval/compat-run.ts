// Owns evaluating attempts the way of an era of CooperBench: what lacks that verdict, and keeping it beside ours.

import type { Era, SuiteResultRow } from "../../db/schema.ts";
import { asFault, Fault } from "../fault.ts";
import { sha256 } from "../files.ts";
import { parseAttemptKey } from "../keys.ts";
import { eachOf } from "../pool.ts";
import { recordFault } from "../record-fault.ts";
import { redactDeep } from "../redact.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import { type CompatJob, type CompatVerdict, runCompat } from "./compat.ts";
import type { EvalPlan } from "./run.ts";
import type { Attempt } from "./verdict.ts";

export type CompatPlan = EvalPlan & { readonly era: Era };

/** Gives every selected attempt of one or two patches the verdict of an era. Others are usage errors of nobody: they are faults. */
export async function evaluateCompat(plan: CompatPlan): Promise<void> {
  const { ledger, signal } = plan;
  const attempts = ledger.attempts.select(plan.filter);
  const known = ledger.scores.byAttempt(plan.era, [...new Set(attempts.map(({ run }) => run))]);
  const width = Math.min(plan.concurrency, plan.suites);
  await eachOf(attempts, { concurrency: width, signal }, async (attempt) => {
    const key = attempt.attempt_key;
    try {
      const task = plan.taskOf(attempt.pair_key);
      const inputs_hash = await inputsHash(plan, attempt, task);
      const stored = known.get(key);
      if (stored?.inputs_hash === inputs_hash && !plan.force) {
        const { outcome, policy, path, passed, cause } = stored;
        plan.onDone({ key, outcome, policy, path, passed, cause, fresh: false });
        return;
      }
      const verdict = redactDeep(await runCompat(plan.backend, compatJob(plan, attempt, task)));
      await store(plan, attempt, { task, inputs_hash, verdict });
      const { outcome, path, passed } = verdict;
      plan.onDone({ key, outcome, policy: plan.era, path, passed, cause: null, fresh: true });
    } catch (error) {
      if (signal.aborted) return;
      const fault = asFault(error);
      recordFault(ledger, { attempt: parseAttemptKey(key), step: "eval", fault });
      plan.onDone({ key, fault });
    }
  });
}

async function inputsHash(
  { backend, ledger, era }: CompatPlan,
  attempt: Attempt,
  task: TaskFiles,
): Promise<string> {
  const tests = ledger.dataset
    .features(task.repo, task.task_id)
    .map(({ tests_patch }) => tests_patch);
  // The surroundings are known once the base is: pulled and looked at, if need be.
  if ((await backend.environment(task)) === undefined) await backend.base(task);
  const environment = await backend.environment(task);
  return sha256(
    JSON.stringify([era, environment, attempt.agents.map(({ patch }) => patch), tests]),
  );
}

function compatJob(
  { ledger, timeout_ms, signal, era }: CompatPlan,
  attempt: Attempt,
  task: TaskFiles,
): CompatJob {
  if (attempt.agents.length > 2)
    throw new Fault(
      "patch_missing",
      `${attempt.attempt_key}: CooperBench ${era} knows one or two patches, not ${attempt.agents.length}`,
      {
        hint: "omit attempts of three agents with -f",
      },
    );
  const features = ledger.dataset
    .features(task.repo, task.task_id)
    .filter(({ feature_id }) => attempt.features.includes(feature_id));
  const bytes = ledger.dataset.patchBytes([
    ...attempt.agents.map(({ patch }) => patch),
    ...features.map(({ tests_patch }) => tests_patch),
  ]);
  const find = (hash: string) => bytes.get(hash) ?? new Uint8Array();
  return {
    era,
    task,
    patches: attempt.agents.map(({ patch }) => find(patch)),
    tests: features.map(({ feature_id, tests_patch }) => ({
      feature_id,
      patch: find(tests_patch),
    })),
    timeout_ms,
    label: `${attempt.attempt_key}.compat`,
    signal,
  };
}

type Kept = {
  readonly task: TaskFiles;
  readonly inputs_hash: string;
  readonly verdict: CompatVerdict;
};

async function store(
  plan: CompatPlan,
  attempt: Attempt,
  { task, inputs_hash, verdict }: Kept,
): Promise<void> {
  const { ledger, backend, era } = plan;
  const environment = (await backend.environment(task)) ?? "";
  const at = new Date().toISOString();
  const rows = verdict.suites.map((suite): SuiteResultRow => {
    const { output, feature_id, ...found } = suite;
    const suite_key = sha256(JSON.stringify([inputs_hash, feature_id]));
    const hash = sha256(output);
    const result: SuiteResultRow = {
      suite_key,
      repo: task.repo,
      task_id: task.task_id,
      feature_id,
      environment,
      tree: era,
      tests_patch: "",
      runner_hash: backend.runner(task).hash,
      ...found,
      skipped: 0,
      errors: 0,
      tests: [],
      output: hash,
      tested_at: at,
    };
    ledger.scores.putSuite({
      result,
      output: { hash, size_bytes: output.length, zstd: Bun.zstdCompressSync(output) },
    });
    return result;
  });
  const { attempt_key } = attempt;
  const { outcome, path, passed } = verdict;
  ledger.scores.put(
    attempt_key,
    [
      {
        attempt_key,
        policy: era,
        inputs_hash,
        outcome,
        path,
        passed,
        cause: null,
        scored_at: at,
      },
    ],
    rows.map(({ feature_id, suite_key }) => ({
      attempt_key,
      tested: era,
      feature_id,
      suite_key,
    })),
  );
}
