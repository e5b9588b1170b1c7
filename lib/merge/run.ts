// Owns merging many attempts: which are to do, on which base, into files and then the ledger.
import { join } from "node:path";
import type { MergeRow, MergeStatus } from "../../db/schema.ts";
import { artefactsOf } from "../artefacts.ts";
import { asFault, Fault } from "../fault.ts";
import { quickScratch } from "../files.ts";
import { parseAttemptKey } from "../keys.ts";
import { eachOf } from "../pool.ts";
import { recordFault } from "../record-fault.ts";
import { patiently } from "../work/patience.ts";
import type { Held, Work } from "../work/work.ts";
import type { MergeInputs, PreparedInputs } from "./inputs.ts";
import { withoutTests } from "./left-out.ts";
import { type MergeJob, type MergeOutcome, mergeAttempts } from "./merge.ts";
import { currentRows, type PlannedMergesOptions, plannedMerges, statuses } from "./planned.ts";
import { MERGE_FILES, mergeRecord, writeMerge } from "./record.ts";

/** Attempts merged in one batch: a kill loses at most this many unsaved merges. */
const BATCH = 150;

export type MergePlan = PlannedMergesOptions & {
  readonly log_dir: string;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Stops the beginning of merges only. */
  readonly drain?: AbortSignal | undefined;
  /** This process's part in the work; absent where the caller holds the attempts already. */
  readonly work?: Work | undefined;
  readonly onDone: (unit: MergeUnit) => void;
};
export type MergeUnit =
  | {
      readonly key: string;
      readonly merge_status: MergeStatus;
      readonly union_status: MergeStatus;
      readonly fresh: boolean;
    }
  | { readonly key: string; readonly fault: Fault };

/**
 * Merges what is missing or stale, under both strategies. Finished merges are reported again; those that another process
 * holds are waited for.
 */
export async function mergeRuns(plan: MergePlan): Promise<void> {
  const stop = plan.drain ? AbortSignal.any([plan.signal, plan.drain]) : plan.signal;
  let todo = await plannedMerges(plan);
  for (const { inputs, done } of todo) if (done) reportDone(plan, inputs, done);
  const began = new Date().toISOString();
  for (;;) {
    const stale = todo.filter(({ done }) => done === undefined).map(({ inputs }) => inputs);
    const elsewhere: MergeInputs[] = [];
    // Two at once: while one batch is being written down, git works on the next.
    await eachOf(inBatches(stale), { concurrency: 2, signal: stop }, async (batch) => {
      elsewhere.push(...(await mergeClaimed(plan, batch, began)));
    });
    if (elsewhere.length === 0 || stop.aborted) return;
    await Bun.sleep(HELD_MS);
    todo = elsewhere.map((inputs) => ({ inputs, done: undefined }));
  }
}

/** How long another look at somebody else's merges can wait. */
const HELD_MS = 200;

function inBatches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) =>
    all.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** Merges those of a batch that nobody else holds; returns the others. */
async function mergeClaimed(
  plan: MergePlan,
  batch: readonly MergeInputs[],
  began: string,
): Promise<MergeInputs[]> {
  const { work } = plan;
  if (work === undefined) {
    await mergeBatch(plan, batch, new Map());
    return [];
  }
  const inputsOf = new Map(batch.map((inputs) => [inputs.attempt.attempt_key, inputs]));
  const units = batch.map(({ attempt }) => ({
    unit: attempt.attempt_key,
    step: "merge" as const,
    run: attempt.run,
  }));
  const isDone = ({ unit }: { unit: string }) => {
    const inputs = inputsOf.get(unit);
    return inputs !== undefined && doneSince(plan, inputs, began) !== undefined;
  };
  using claims = new DisposableStack();
  const mine = new Map<string, Held>();
  const elsewhere: MergeInputs[] = [];
  const came = await patiently(() => work.claim(units, isDone), plan.signal);
  for (const [index, claim] of came.entries()) {
    const inputs = batch[index];
    if (inputs === undefined) continue;
    const done = claim === "done" ? doneSince(plan, inputs, began) : undefined;
    if (done) reportDone(plan, inputs, done);
    else if (typeof claim === "string") elsewhere.push(inputs);
    else mine.set(inputs.attempt.attempt_key, claims.use(claim));
  }
  const own = batch.filter(({ attempt }) => mine.has(attempt.attempt_key));
  if (own.length > 0) await mergeBatch(plan, own, mine);
  return elsewhere;
}

/** The stored merges of an attempt when they rest on these inputs and are not the ones to be made again. */
function doneSince(plan: MergePlan, inputs: MergeInputs, began: string): MergeRow[] | undefined {
  const rows = currentRows(inputs, plan.ledger.merges.of(inputs.attempt.attempt_key));
  return plan.force && (rows?.[0]?.merged_at ?? "") < began ? undefined : rows;
}

function reportDone(plan: MergePlan, inputs: MergeInputs, done: readonly MergeRow[]): void {
  plan.onDone({ key: inputs.attempt.attempt_key, ...statuses(done), fresh: false });
}

type Mine = ReadonlyMap<string, Held>;

async function mergeBatch(
  plan: MergePlan,
  batch: readonly MergeInputs[],
  mine: Mine,
): Promise<void> {
  const bytes = plan.ledger.dataset.patchBytes(
    batch.flatMap(({ attempt, context, tests }) => [
      ...context,
      ...tests,
      ...attempt.agents.map(({ patch }) => patch),
    ]),
  );
  const unready: { inputs: MergeInputs; error: unknown }[] = [];
  const ready = batch.flatMap((inputs) => {
    try {
      return [prepareInputs(inputs, bytes)];
    } catch (error) {
      unready.push({ inputs, error });
      return [];
    }
  });
  for (const { inputs, error } of unready)
    await failUnit(plan, inputs, { error, held: mine.get(inputs.attempt.attempt_key) });
  const jobs = ready.map((inputs) => mergeJob(inputs, bytes));
  await using folder = quickScratch("merge");
  const { concurrency, signal } = plan;
  const outcomes = await mergeAttempts(jobs, { scratch: folder.path, concurrency, signal });
  const inputsOf = new Map(ready.map((inputs) => [inputs.attempt.attempt_key, inputs]));
  for (const outcome of outcomes) {
    const inputs = inputsOf.get(outcome.id);
    if (inputs) await keepMerge(plan, { inputs, outcome, held: mine.get(outcome.id) });
  }
}

type Merged = {
  readonly inputs: PreparedInputs;
  readonly outcome: MergeOutcome;
  readonly held: Held | undefined;
};

async function keepMerge(plan: MergePlan, { inputs, outcome, held }: Merged): Promise<void> {
  const key = inputs.attempt.attempt_key;
  const folder = join(plan.log_dir, key);
  try {
    if ("fault" in outcome) throw outcome.fault;
    writeMerge(folder, inputs, outcome);
    const rows = await artefactsOf(folder, MERGE_FILES);
    const record = { ...mergeRecord(inputs, outcome), artefacts: { rows, only: MERGE_FILES } };
    await patiently(() => plan.ledger.merges.put([record], held?.owner), plan.signal);
    const [merge_status, union_status] = [outcome.naive.status, outcome.union.status];
    plan.onDone({ key, merge_status, union_status, fresh: true });
  } catch (error) {
    await failUnit(plan, inputs, { error, held });
  }
}

async function failUnit(
  plan: MergePlan,
  inputs: MergeInputs,
  { error, held }: { error: unknown; held: Held | undefined },
): Promise<void> {
  if (plan.signal.aborted) return;
  const key = inputs.attempt.attempt_key;
  const fault = asFault(error);
  const met = { attempt: parseAttemptKey(key), step: "merge", fault } as const;
  await patiently(() => recordFault(plan.ledger, met), plan.signal);
  if (held) await patiently(held.fail, plan.signal);
  plan.onDone({ key, fault });
}

/** The agents' patches without tests and result-changing files; every other byte as it was. */
function prepareInputs(
  inputs: MergeInputs,
  bytes: ReadonlyMap<string, Uint8Array>,
): PreparedInputs {
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
  return {
    ...inputs,
    patches: inputs.attempt.agents.map(({ patch }) => withoutTests(find(patch), { tests, gold })),
  };
}

function mergeJob(inputs: PreparedInputs, bytes: ReadonlyMap<string, Uint8Array>): MergeJob {
  const { attempt, base, context } = inputs;
  return {
    id: attempt.attempt_key,
    base: base
      ? { kind: "repository", git_dir: base.git_dir, tree: base.tree }
      : { kind: "patches", context: context.flatMap((hash) => bytes.get(hash) ?? []) },
    patches: inputs.patches.map(({ patch }) => patch),
  };
}
