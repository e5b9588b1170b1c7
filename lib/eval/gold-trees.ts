// Owns the trees that the reference patches make of a task's base, each alone.
import type { Ledger } from "../../db/ledger.ts";
import type { FeatureRow } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { quickScratch, sha256 } from "../core/files.ts";
import { featureKey } from "../core/keys.ts";
import { type MergeJob, mergeAttempts } from "../merge/merge.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";

export type GoldTree = {
  readonly feature: FeatureRow;
  readonly tree: string;
  /** Hash of the stored patch that takes the base to the tree. */
  readonly diff: string;
};
export type GoldWork = {
  readonly ledger: Ledger;
  /** Git processes at a time. */
  readonly git: number;
  readonly signal: AbortSignal;
};

/** Each gold patch on the base, as a tree and a stored diff. Throws Fault `dataset_invalid` for one that does not apply. */
export async function goldTrees(
  backend: Backend,
  { task, features }: { readonly task: TaskFiles; readonly features: readonly FeatureRow[] },
  { ledger, git: concurrency, signal }: GoldWork,
): Promise<GoldTree[]> {
  const { git_dir, tree } = await backend.base(task, signal);
  const gold = ledger.dataset.patchBytes(features.map(({ gold_patch }) => gold_patch));
  const jobs = features.map(
    ({ feature_id, gold_patch }): MergeJob => ({
      id: `${feature_id}`,
      base: { kind: "repository", git_dir, tree },
      patches: [gold.get(gold_patch) ?? new Uint8Array()],
    }),
  );
  await using folder = quickScratch("gold");
  const outcomes = await mergeAttempts(jobs, { scratch: folder.path, concurrency, signal });
  return features.map((feature, index) => {
    const outcome = outcomes[index];
    if (outcome && "fault" in outcome) throw outcome.fault;
    const { tree: made, diff: bytes } = outcome?.naive ?? {};
    if (made === undefined || bytes === undefined)
      throw new Fault("dataset_invalid", `${featureKey(feature)}: its gold patch does not apply`, {
        hint: "the dataset or the image is not as it should be: see check-dataset",
      });
    const diff = sha256(bytes);
    ledger.dataset.keepPatches([{ hash: diff, bytes }]);
    return { feature, tree: made, diff };
  });
}
