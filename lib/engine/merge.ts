// Owns the stage `merge`: the agents' patches of finished attempts, under both strategies, into files and then the ledger.
import type { Holder } from "../../db/holding.ts";
import type { MergeRow } from "../../db/schema.ts";
import { putOwnFiles } from "../core/artefacts.ts";
import { asFault, Fault } from "../core/fault.ts";
import { quickScratch } from "../core/files.ts";
import { baseText } from "../merge/base-text.ts";
import type { MergeInputs, PreparedInputs } from "../merge/inputs.ts";
import { type MergeJob, type MergeResult, mergeAttempts } from "../merge/merge.ts";
import type { MergeSources } from "../merge/planned.ts";
import { mergeFiles, mergeRecord } from "../merge/record.ts";
import { withoutTests } from "../patch/left-out.ts";
import { patiently } from "../work/patience.ts";
import { mergeLooks } from "./done-checks.ts";
import type { Job, Stage } from "./stage.ts";

/** Attempts merged in one batch: a kill loses at most this many unsaved merges. */
export const MERGE_BATCH = 150;
/** While one batch is being written down, git works on the next. */
export const MERGE_WIDTH = 2;

export type MergePlan = MergeSources & {
  readonly log_dir: string;
  /** Git processes at a time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
};
type Made = { readonly inputs: PreparedInputs; readonly outcome: MergeResult };
export type MergeStage = Stage<string, MergeInputs, readonly MergeRow[], Made>;

/** Units are keys of finished attempts. */
export function mergeStage(plan: MergePlan): MergeStage {
  return {
    ...mergeLooks(plan),
    work: (jobs) => mergeBatch(plan, jobs),
    store: ({ unit, held }, made) => keepMerge(plan, { key: unit, holder: held.holder, made }),
  };
}

async function mergeBatch(
  plan: MergePlan,
  jobs: readonly Job<string, MergeInputs>[],
): Promise<(Made | Fault)[]> {
  const bytes = plan.ledger.dataset.patchBytes(
    jobs.flatMap(({ inputs: { attempt, context, tests } }) => [
      ...context,
      ...tests,
      ...attempt.agents.map(({ patch }) => patch),
    ]),
  );
  const prepared = jobs.map(({ inputs }) => preparedOrFault(inputs, bytes));
  const ready = prepared.filter((one): one is PreparedInputs => !(one instanceof Fault));
  await using folder = quickScratch("merge");
  const { concurrency, signal } = plan;
  const outcomes = await mergeAttempts(
    ready.map((inputs) => mergeJob(inputs, bytes)),
    { scratch: folder.path, concurrency, signal },
  );
  const byKey = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  return prepared.map((inputs, index) => {
    if (inputs instanceof Fault) return inputs;
    const outcome = byKey.get(jobs[index]?.unit ?? "");
    if (outcome === undefined)
      return new Fault("git_failed", `${inputs.attempt.attempt_key} was not merged`, {
        hint: "run the same command again",
      });
    return "fault" in outcome ? outcome.fault : { inputs, outcome };
  });
}

function preparedOrFault(inputs: MergeInputs, bytes: Bytes): PreparedInputs | Fault {
  try {
    return prepareInputs(inputs, bytes);
  } catch (error) {
    return asFault(error);
  }
}

type Bytes = ReadonlyMap<string, Uint8Array>;
type Kept = { readonly key: string; readonly holder: Holder; readonly made: Made };

async function keepMerge(
  { ledger, log_dir, signal }: MergePlan,
  { key, holder, made: { inputs, outcome } }: Kept,
): Promise<readonly MergeRow[]> {
  const place = { ledger, log_dir, attempt_key: key };
  const artefacts = await putOwnFiles(place, mergeFiles(inputs, outcome));
  const record = { ...mergeRecord(inputs, outcome), artefacts };
  await patiently(() => ledger.merges.put([record], holder), signal);
  return ledger.merges.of(key);
}

/** The agents' patches without tests and result-changing files; every other byte unchanged. */
function prepareInputs(inputs: MergeInputs, bytes: Bytes): PreparedInputs {
  const find = (hash: string) => {
    const found = bytes.get(hash);
    if (found) return found;
    const key = inputs.attempt.attempt_key;
    throw new Fault("patch_missing", `the ledger has no patch ${hash.slice(0, 12)} of ${key}`, {
      hint: "run the attempt again with run-pair --force",
    });
  };
  const gold = inputs.context.map(find);
  const tests = inputs.tests.map(find);
  const facts = { tests, gold, base: inputs.base && baseText(inputs.base) };
  return {
    ...inputs,
    patches: inputs.attempt.agents.map(({ patch }) => withoutTests(find(patch), facts)),
  };
}

function mergeJob(inputs: PreparedInputs, bytes: Bytes): MergeJob {
  const { attempt, base, context } = inputs;
  return {
    id: attempt.attempt_key,
    base: base
      ? { kind: "repository", git_dir: base.git_dir, tree: base.tree }
      : { kind: "patches", context: context.flatMap((hash) => bytes.get(hash) ?? []) },
    patches: inputs.patches.map(({ patch }) => patch),
  };
}
