// Owns what a study finds when it begins: its dataset, pairs and arms as the ledger has them.
import { originOf } from "../dataset/origin.ts";
import type { Study } from "../study/file.ts";
import type { Call } from "./step.ts";

export type Known = Call & { readonly study: Study; readonly dataset_dir: string };

/** Pairs and arms as the ledger has them. */
export async function resolveStudy({
  study,
  dataset_dir,
  arms,
  ...call
}: Known & { arms: string[] }) {
  const { studyPairs } = await import("../study/pairs.ts");
  const { studyArms } = await import("../study/runs.ts");
  const ledger = await call.ledger();
  const { signal } = call;
  const { edition } = study.dataset;
  const pairs = await studyPairs({ pairs: study.pairs, ledger, dataset_dir, edition, signal });
  return { ledger, pairs, found: await studyArms(study, { ledger, pairs, arms }) };
}

/** Whether the dataset is missing, or from another source than the study wants. */
export async function needsDataset({ study, ledger }: Pick<Known, "study" | "ledger">) {
  const { from, hub, revision, edition } = study.dataset;
  const { dataset, editions } = await ledger();
  const named = from ?? hub ?? revision;
  if (edition !== undefined) {
    // An edition that only has a name, or a hash, is one that is here.
    const known = editions.all("dataset").find(({ name }) => name === edition);
    return named !== undefined && known?.origin !== originOf({ from, hub, revision });
  }
  if (isDemo(study) && named === undefined) return false;
  if (dataset.hash("dataset") === undefined) return true;
  return named !== undefined && dataset.origin() !== originOf({ from, hub, revision });
}

/** The demo task is part of Tandem. */
function isDemo({ pairs: { repo, keys } }: Study): boolean {
  const demo = "demo_task";
  return repo === demo || (keys?.every((key) => key.startsWith(`${demo}/`)) ?? false);
}
