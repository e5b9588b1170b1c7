// Owns which attempts have their merges, decided by what these rest on: patches, base, hidden tests.
import type { AttemptFilter } from "../../db/attempts.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { MergeRow, MergeStatus } from "../../db/schema.ts";
import { sha256 } from "../files.ts";
import type { Base, TaskFiles } from "../sandbox/sandbox.ts";
import type { MergeInputs } from "./inputs.ts";

/** Raised when the same inputs would merge differently: older rows are then merged again. */
const MERGE_RULES = 3;

export type PlannedMergesOptions = {
  readonly ledger: Ledger;
  readonly filter: AttemptFilter;
  readonly taskOf: (pair_key: string) => TaskFiles;
  /** The real base of a task when there is one to merge on; the patches themselves make a base otherwise. */
  readonly baseOf: (task: TaskFiles) => Promise<Base | undefined>;
  readonly force: boolean;
};

/** Every selected attempt with its inputs, and its finished merges when they rest on these very inputs. */
export async function plannedMerges(plan: PlannedMergesOptions) {
  const attempts = plan.ledger.attempts.select(plan.filter);
  const runs = [...new Set(attempts.map(({ run }) => run))];
  const known = plan.ledger.merges.byAttempt(runs);
  const tasks = new Map(
    plan.ledger.dataset.tasks().map((task) => [`${task.repo}/${task.task_id}`, task.features]),
  );
  const bases = new Map<string, Base | undefined>();
  const units: { inputs: MergeInputs; done: MergeRow[] | undefined }[] = [];
  for (const attempt of attempts) {
    const name = `${attempt.repo}/${attempt.task_id}`;
    if (!bases.has(name)) bases.set(name, await plan.baseOf(plan.taskOf(attempt.pair_key)));
    const features = tasks.get(name) ?? [];
    const context = features.map(({ gold_patch }) => gold_patch);
    const tests = features
      .filter(({ feature_id }) => attempt.features.includes(feature_id))
      .map(({ tests_patch }) => tests_patch);
    const base = bases.get(name);
    const about = { attempt, base, context, tests };
    const inputs = { ...about, inputs_hash: inputsHash(about, base?.tree) };
    const rows = known.get(attempt.attempt_key);
    units.push({ inputs, done: plan.force ? undefined : currentRows(inputs, rows) });
  }
  return units;
}

/** A merge on the real tree stays valid when that tree is not at hand any more; one on made-up bases gives way to it. */
export function currentRows(
  inputs: MergeInputs,
  rows: MergeRow[] | undefined,
): MergeRow[] | undefined {
  const [row] = rows ?? [];
  if (!row) return undefined;
  if (row.inputs_hash === inputs.inputs_hash) return rows;
  const real = row.base_kind === "repository" && inputs.base === undefined;
  return real && row.inputs_hash === inputsHash(inputs, row.base_tree) ? rows : undefined;
}

function inputsHash(inputs: Omit<MergeInputs, "inputs_hash">, tree: string | undefined): string {
  const base = tree === undefined ? "patches" : `repository ${tree}`;
  const patches = inputs.attempt.agents.map(({ patch }) => patch);
  return sha256(JSON.stringify([MERGE_RULES, base, inputs.context, patches, inputs.tests]));
}

/** What became of an attempt under both strategies, from its rows. */
export function statuses(rows: readonly MergeRow[]): {
  merge_status: MergeStatus;
  union_status: MergeStatus;
} {
  const of = (strategy: MergeRow["strategy"]) =>
    rows.find((row) => row.strategy === strategy)?.status ?? "apply_failed";
  return { merge_status: of("naive"), union_status: of("union") };
}
