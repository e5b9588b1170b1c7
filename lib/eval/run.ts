// Owns evaluating many attempts: merged trees tested once each, verdicts under every policy, into files and the ledger.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { MergeRow, Outcome, Path, Policy, SuiteResultRow } from "../../db/schema.ts";
import { POLICIES, type Strategy } from "../../db/words.ts";
import { asFault, Fault } from "../fault.ts";
import { sha256, writeJson } from "../files.ts";
import { parseAttemptKey, taskKey } from "../keys.ts";
import { type MergePlan, mergeRuns, plannedMerges } from "../merge/run.ts";
import { recordFault } from "../pair/run.ts";
import { eachOf } from "../pool.ts";
import type { Backend, Base, TaskFiles } from "../sandbox/sandbox.ts";
import { type Score, score, treesToTest } from "./policy.ts";
import { runSuite } from "./suite.ts";

/** Raised when the same trees would be judged differently: older verdicts are then made again. */
const EVAL_RULES = 1;

export type EvalPlan = Omit<MergePlan, "baseOf" | "onDone"> & {
  readonly backend: Backend;
  readonly timeout_ms: number;
  readonly onDone: (unit: EvalUnit) => void;
};
export type EvalUnit =
  | {
      readonly key: string;
      readonly outcome: Outcome;
      readonly policy: Policy;
      readonly path: Path | null;
      readonly passed: boolean;
      readonly fresh: boolean;
    }
  | { readonly key: string; readonly fault: Fault };

type Attempt = ReturnType<Ledger["attempts"]["select"]>[number];
type Merges = Readonly<Record<Strategy, MergeRow>>;
type Unit = {
  readonly attempt: Attempt;
  readonly merges: Merges;
  readonly task: TaskFiles;
  readonly inputs_hash: string;
};

/** Evaluates what has no verdict on its present merge; merges on the real base come first, where they are missing. */
export async function evaluateRuns(plan: EvalPlan): Promise<void> {
  const units = await plannedEvaluations(plan);
  for (const { attempt, done } of units)
    if (done) plan.onDone({ key: attempt.attempt_key, ...done, fresh: false });
  const missing = units.filter(({ done }) => done === undefined).map(({ attempt }) => attempt);
  const ready = await mergeOnRealBase(plan, missing);
  const shared = new Map<string, Promise<SuiteResultRow>>();
  await eachOf(ready, plan, async (unit) => {
    const key = unit.attempt.attempt_key;
    try {
      plan.onDone({ key, ...(await evaluateUnit(plan, unit, shared)), fresh: true });
    } catch (error) {
      if (plan.signal.aborted) return;
      const fault = asFault(error);
      recordFault(plan.ledger, { attempt: parseAttemptKey(key), step: "eval", fault });
      plan.onDone({ key, fault });
    }
  });
}

/** Every selected attempt, with its verdict when that rests on the present merge and surroundings. */
export async function plannedEvaluations(
  plan: Pick<EvalPlan, "ledger" | "filter" | "taskOf" | "backend" | "force">,
) {
  const merges = await plannedMerges({ ...plan, force: false, baseOf: plan.backend.baseAtHand });
  const runs = [...new Set(merges.map(({ inputs }) => inputs.attempt.run))];
  const scores = plan.ledger.scores.byAttempt("union", runs);
  return merges.map(({ inputs: { attempt }, done }) => {
    const row = scores.get(attempt.attempt_key);
    const [merge] = done ?? [];
    const task = plan.taskOf(attempt.pair_key);
    const current =
      row && merge && row.inputs_hash === verdictInputs(merge, plan.backend.environment(task));
    const { outcome, policy, path, passed } = row ?? {};
    return {
      attempt,
      done:
        current && !plan.force
          ? ({ outcome, policy, path, passed } as Pick<
              typeof row,
              "outcome" | "policy" | "path" | "passed"
            >)
          : undefined,
    };
  });
}

function verdictInputs(merge: MergeRow, environment: string): string {
  return sha256(JSON.stringify([EVAL_RULES, merge.inputs_hash, environment]));
}

/** Units whose merge is on the task's real tree; attempts whose task or merge met a fault are reported and left out. */
async function mergeOnRealBase(plan: EvalPlan, attempts: readonly Attempt[]): Promise<Unit[]> {
  const bases = new Map<string, Base | Fault>();
  for (const attempt of attempts) {
    const name = taskKey(attempt);
    if (bases.has(name) || plan.signal.aborted) continue;
    bases.set(
      name,
      await plan.backend.base(plan.taskOf(attempt.pair_key), plan.signal).catch(asFault),
    );
  }
  const broken = new Map<string, Fault>();
  for (const attempt of attempts) {
    const base = bases.get(taskKey(attempt));
    if (base instanceof Fault) broken.set(attempt.attempt_key, base);
  }
  for (const [key, fault] of broken) reportFault(plan, key, fault);
  const whole = attempts.filter(({ attempt_key }) => !broken.has(attempt_key));
  await mergeRuns({
    ...plan,
    force: false,
    filter: { keys: whole.map(({ attempt_key }) => attempt_key) },
    baseOf: async (task) => {
      const base = bases.get(taskKey(task));
      return base instanceof Fault ? undefined : base;
    },
    onDone(unit) {
      if ("fault" in unit) {
        broken.set(unit.key, unit.fault);
        plan.onDone(unit);
      }
    },
  });
  return withMerges(
    plan,
    whole.filter(({ attempt_key }) => !broken.has(attempt_key)),
  );
}

function reportFault(plan: EvalPlan, key: string, fault: Fault): void {
  if (plan.signal.aborted) return;
  recordFault(plan.ledger, { attempt: parseAttemptKey(key), step: "eval", fault });
  plan.onDone({ key, fault });
}

function withMerges(plan: EvalPlan, attempts: readonly Attempt[]): Unit[] {
  const rows = plan.ledger.merges.byAttempt([...new Set(attempts.map(({ run }) => run))]);
  return attempts.flatMap((attempt) => {
    const found = rows.get(attempt.attempt_key) ?? [];
    const naive = found.find(({ strategy }) => strategy === "naive");
    const union = found.find(({ strategy }) => strategy === "union");
    if (!naive || !union) return [];
    const task = plan.taskOf(attempt.pair_key);
    return [
      {
        attempt,
        merges: { naive, union },
        task,
        inputs_hash: verdictInputs(naive, plan.backend.environment(task)),
      },
    ];
  });
}

type Tested = {
  readonly strategy: Strategy;
  readonly feature_id: number;
  readonly result: SuiteResultRow;
};

async function evaluateUnit(
  plan: EvalPlan,
  unit: Unit,
  shared: Map<string, Promise<SuiteResultRow>>,
) {
  const { attempt, merges } = unit;
  const trees = treesToTest({ naive: merges.naive.tree, union: merges.union.tree });
  const jobs = trees.flatMap((strategy) =>
    attempt.features.map((feature_id) => ({ strategy, feature_id })),
  );
  const tested: Tested[] = await Promise.all(
    jobs.map(async (job) => ({
      ...job,
      result: await suiteResult(plan, { ...unit, ...job }, shared),
    })),
  );
  const scored_at = new Date().toISOString();
  const verdicts = POLICIES.map((policy) => ({
    ...{ attempt_key: attempt.attempt_key, policy, inputs_hash: unit.inputs_hash, scored_at },
    ...scoreOf(plan.ledger, unit, policy, tested),
  }));
  writeJson(join(plan.log_dir, attempt.attempt_key, "eval.json"), evalJson(unit, verdicts, tested));
  plan.ledger.scores.put(
    attempt.attempt_key,
    verdicts,
    tested.map(({ strategy, feature_id, result }) => ({
      ...{ attempt_key: attempt.attempt_key, strategy, feature_id, suite_key: result.suite_key },
    })),
  );
  const union = verdicts.find(({ policy }) => policy === "union");
  if (!union) throw new RangeError("there is always a verdict under union");
  const { outcome, policy, path, passed } = union;
  return { outcome, policy, path, passed };
}

function scoreOf(ledger: Ledger, unit: Unit, policy: Policy, tested: readonly Tested[]): Score {
  const { attempt, merges } = unit;
  const outcomes = (strategy: Strategy) => {
    const found = tested
      .filter((one) => one.strategy === strategy)
      .map(({ result }) => result.outcome);
    return found.length === 0 ? undefined : found;
  };
  const [naive, union] = [outcomes("naive"), outcomes("union")];
  const run = ledger.runs.find(attempt.run);
  return score({
    policy,
    setting: run?.setting ?? "coop",
    agents: attempt.agents.map(({ outcome }) => outcome),
    naive: merges.naive.status,
    suites: {
      ...(naive === undefined ? {} : { naive }),
      ...(union === undefined ? {} : { union }),
    },
  });
}

type SuiteUnit = Unit & { readonly strategy: Strategy; readonly feature_id: number };

/** The result of a suite on a tree: from the ledger, from a test under way for another attempt, or tested now. */
function suiteResult(
  plan: EvalPlan,
  unit: SuiteUnit,
  shared: Map<string, Promise<SuiteResultRow>>,
): Promise<SuiteResultRow> {
  const key = suiteKey(plan, unit);
  const known = plan.force ? undefined : plan.ledger.scores.suite(key.suite_key);
  if (known) return Promise.resolve(known);
  const running = shared.get(key.suite_key) ?? testSuite(plan, unit, key);
  shared.set(key.suite_key, running);
  return running;
}

/** A result is keyed by all it depends on: surroundings, tree, tests, runner. */
function suiteKey(plan: EvalPlan, unit: SuiteUnit) {
  const { task, merges, strategy, feature_id } = unit;
  const feature = plan.ledger.dataset
    .features(task.repo, task.task_id)
    .find((candidate) => candidate.feature_id === feature_id);
  const runnerPath = join(task.dir, "run_tests.sh");
  if (!feature || !existsSync(runnerPath))
    throw new Fault(
      "dataset_missing",
      `${taskKey(task)} has no ${feature ? "run_tests.sh" : `feature ${feature_id}`}`,
      {
        hint: "the text-only dataset cannot be evaluated on the local backend: fetch the full one",
      },
    );
  const runner = readFileSync(runnerPath);
  const parts = {
    environment: plan.backend.environment(task),
    tree: merges[strategy].tree ?? "",
    tests_patch: feature.tests_patch,
    runner_hash: sha256(runner),
  };
  return {
    ...parts,
    runner,
    suite_key: sha256(JSON.stringify([EVAL_RULES, Object.values(parts)])),
  };
}

async function testSuite(
  plan: EvalPlan,
  unit: SuiteUnit,
  key: ReturnType<typeof suiteKey>,
): Promise<SuiteResultRow> {
  const { ledger, backend, timeout_ms, signal } = plan;
  const { attempt, merges, strategy, feature_id, task } = unit;
  const diff_hash = merges[strategy].diff ?? "";
  const bytes = ledger.dataset.patchBytes([diff_hash, key.tests_patch]);
  const [diff, tests_patch] = [bytes.get(diff_hash), bytes.get(key.tests_patch)];
  if (!diff || !tests_patch)
    throw new Fault("patch_missing", `the ledger lost a patch of ${attempt.attempt_key}`, {
      hint: "merge again with --force",
    });
  const { output, ...verdict } = await runSuite(backend, {
    ...{
      task,
      feature_id,
      tree: key.tree,
      diff,
      tests_patch,
      runner: key.runner,
      timeout_ms,
      signal,
    },
    label: `${attempt.attempt_key}.feature${feature_id}`,
  });
  const { suite_key, environment, tree, runner_hash } = key;
  const output_hash = sha256(output);
  const result: SuiteResultRow = {
    ...{ suite_key, environment, tree, runner_hash, tests_patch: key.tests_patch },
    ...{ repo: task.repo, task_id: task.task_id, feature_id },
    ...verdict,
    tests: verdict.tests.map(({ name, status }) => ({ name, status })),
    output: output_hash,
    tested_at: new Date().toISOString(),
  };
  ledger.scores.putSuite({
    result,
    output: { hash: output_hash, size_bytes: output.length, zstd: Bun.zstdCompressSync(output) },
  });
  return result;
}

function evalJson(
  unit: Unit,
  verdicts: readonly (Score & { policy: Policy; scored_at: string })[],
  tested: readonly Tested[],
) {
  const { attempt, merges } = unit;
  return {
    ...{
      key: attempt.attempt_key,
      repo: attempt.repo,
      task_id: attempt.task_id,
      features: attempt.features,
    },
    merge: { naive: merges.naive.status, union: merges.union.status, base: merges.naive.base_kind },
    policies: Object.fromEntries(
      verdicts.map(({ policy, outcome, path, passed }) => [policy, { outcome, path, passed }]),
    ),
    suites: tested.map(({ strategy, feature_id, result }) => ({
      ...{ strategy, feature_id, outcome: result.outcome, exit_code: result.exit_code },
      ...{
        passed: result.passed,
        failed: result.failed,
        skipped: result.skipped,
        errors: result.errors,
      },
      ...{
        tree: result.tree,
        suite_key: result.suite_key,
        output_sha256: result.output,
        duration_ms: result.duration_ms,
      },
    })),
    evaluated_at: verdicts[0]?.scored_at,
  };
}
