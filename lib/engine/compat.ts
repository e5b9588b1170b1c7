// Owns the stage `compat`: the verdict that an era of CooperBench would give on an attempt, kept next to Tandem's.

import type { Attempt } from "../../db/attempts.ts";
import type { Era, ScoreRow, SuiteResultRow } from "../../db/schema.ts";
import { asFault, Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { eraUnit, parseAttemptKey } from "../core/keys.ts";
import { redactDeep } from "../core/redact.ts";
import { type CompatJob, type CompatVerdict, runCompat } from "../eval/compat.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { patiently } from "../work/patience.ts";
import { type EvalPlan, type EvalUnit, evalUnit } from "./after.ts";
import type { Looks } from "./done-checks.ts";
import type { Engine } from "./engine.ts";
import { openLine } from "./line.ts";
import { aboutAttempt, eachJob, type Job, type Stage } from "./stage.ts";
import type { Counts } from "./tally.ts";

export type CompatPlan = Pick<EvalPlan, "backend" | "taskOf" | "timeout_ms"> &
  Pick<Engine, "ledger" | "signal"> & {
    readonly era: Era;
    /** For a plan: an image that is not here stays away. */
    readonly look_only?: boolean;
  };
type Inputs = {
  readonly attempt: Attempt;
  readonly task: TaskFiles;
  readonly environment: string;
  readonly inputs_hash: string;
};

/** Units are keys of finished attempts of one or two agents; the others are faults. */
export function compatStage(
  plan: CompatPlan,
): Stage<string, Inputs, ScoreRow, CompatVerdict> & Looks<string, Inputs, ScoreRow> {
  const { ledger, era } = plan;
  return {
    name: "compat",
    about: (key) => ({ ...aboutAttempt(parseAttemptKey(key)), unit: eraUnit(key, era) }),
    inputs: (keys) => compatInputs(plan, keys),
    stored(keys) {
      const rows = ledger.scores.ofAll(era, keys);
      return keys.map((key) => rows.get(key));
    },
    current: (stored, { inputs_hash }) => stored.inputs_hash === inputs_hash,
    changed: (_, { environment }) =>
      environment === "" ? "its image is not here" : "its patches, tests or image changed",
    made_at: ({ scored_at }) => scored_at,
    work: eachJob(async ({ inputs, held }) => {
      held.progress = () => ({ doing: "testing", cost_usd: 0, tokens: 0, agents: [] });
      return redactDeep(await runCompat(plan.backend, compatJob(plan, inputs, held.signal)));
    }),
    store: (job, verdict) => store(plan, job, verdict),
  };
}

/** Judges them all, a limited number at a time. Returns how many are left. */
export async function judgeCompat(
  engine: Engine,
  plan: EvalPlan & { readonly keys: readonly string[]; readonly era: Era },
  told: {
    readonly on_unit: (unit: EvalUnit) => void;
    readonly on_start?: ((counts: () => Counts) => void) | undefined;
  },
): Promise<number> {
  const { ledger, signal } = engine;
  const { concurrency, suites } = plan;
  const width = typeof concurrency === "number" ? () => concurrency : concurrency;
  const line = openLine({
    engine,
    stage: compatStage({ ...plan, ledger, signal }),
    width: () => Math.min(width(), suites),
    force: plan.force,
    on_unit: (key, ended) => told.on_unit(evalUnit(key, ended)),
  });
  const surveyed = line.survey(plan.keys);
  told.on_start?.(line.counts);
  line.push(...(await surveyed));
  line.close();
  return (await line.done).length;
}

async function compatInputs(
  plan: CompatPlan,
  keys: readonly string[],
): Promise<(Inputs | Fault)[]> {
  const { ledger, taskOf, era } = plan;
  const attempts = new Map(
    ledger.attempts.select({ keys }).map((attempt) => [attempt.attempt_key, attempt]),
  );
  const environments = new Map<string, Promise<string>>();
  const environmentOf = (task: TaskFiles) => {
    const known = environments.get(task.dir) ?? knownEnvironment(plan, task);
    environments.set(task.dir, known);
    return known;
  };
  const inputsOf = async (key: string): Promise<Inputs> => {
    const attempt = attempts.get(key);
    if (attempt === undefined)
      throw new Fault("patch_missing", `${key} is no longer in the ledger`, {
        hint: "it was set aside to be redone: run it again",
      });
    const task = taskOf(attempt.pair_key, attempt.task_hash);
    const environment = await environmentOf(task);
    const tests = ledger.dataset.featuresAt(task).map(({ tests_patch }) => tests_patch);
    const patches = attempt.agents.map(({ patch }) => patch);
    const inputs_hash = sha256(JSON.stringify([era, environment, patches, tests]));
    return { attempt, task, environment, inputs_hash };
  };
  return await Promise.all(keys.map((key) => inputsOf(key).catch(asFault)));
}

/** The environment is known once the base is: pulled and inspected, if need be. Empty where it is only looked at. */
async function knownEnvironment(
  { backend, look_only }: Pick<CompatPlan, "backend" | "look_only">,
  task: TaskFiles,
): Promise<string> {
  const known = await backend.environment(task);
  if (known !== undefined) return known;
  if (look_only) return "";
  await backend.base(task);
  return (await backend.environment(task)) ?? "";
}

function compatJob(
  { ledger, timeout_ms, signal, era }: CompatPlan,
  { attempt, task }: Inputs,
  cancelled: AbortSignal,
): CompatJob {
  if (attempt.agents.length > 2)
    throw new Fault(
      "patch_missing",
      `${attempt.attempt_key}: CooperBench ${era} handles one or two patches, not ${attempt.agents.length}`,
      { hint: "omit attempts of three agents with -f" },
    );
  const features = ledger.dataset
    .featuresAt(task)
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
    signal: AbortSignal.any([signal, cancelled]),
  };
}

async function store(
  { ledger, backend, signal, era }: CompatPlan,
  { inputs, held }: Job<string, Inputs>,
  { outcome, path, passed, suites }: CompatVerdict,
): Promise<ScoreRow> {
  const { attempt_key } = inputs.attempt;
  const { inputs_hash } = inputs;
  const at = new Date().toISOString();
  const rows = suites.map((suite) => suiteRecord(inputs, suite, { backend, at, era }));
  for (const row of rows) await patiently(() => ledger.scores.putSuite(row), signal);
  const score: ScoreRow = {
    ...{ attempt_key, policy: era, inputs_hash, outcome, path, passed },
    cause: null,
    scored_at: at,
  };
  const tested = rows.map(({ result: { feature_id, suite_key } }) => ({
    ...{ attempt_key, feature_id, suite_key },
    tested: era,
  }));
  const { holder } = held;
  await patiently(() => ledger.scores.put(attempt_key, [score], tested, { holder }), signal);
  return score;
}

function suiteRecord(
  { task, environment, inputs_hash }: Inputs,
  { output, feature_id, ...found }: CompatVerdict["suites"][number],
  { backend, at, era }: { readonly backend: Backend; readonly at: string; readonly era: Era },
) {
  const hash = sha256(output);
  const result: SuiteResultRow = {
    suite_key: sha256(JSON.stringify([inputs_hash, feature_id])),
    ...{ repo: task.repo, task_id: task.task_id, feature_id, environment },
    ...{ tree: era, tests_patch: "", runner_hash: backend.runner(task).hash },
    task_hash: task.task_hash,
    ...found,
    ...{ skipped: 0, errors: 0, tests: [], marks: [], limits: null, output: hash, tested_at: at },
  };
  return {
    result,
    output: { hash, size_bytes: output.length, zstd: Bun.zstdCompressSync(output) },
  };
}
