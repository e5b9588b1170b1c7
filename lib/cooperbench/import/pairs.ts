// Owns finding the dataset's pairs by names that others wrote: whether one exists, and which one was meant.
import type { Ledger } from "../../../db/ledger.ts";
import { Fault, UsageError } from "../../core/fault.ts";
import { type PairId, pairKey, taskKey } from "../../core/keys.ts";
import { unknownName } from "../../core/nearest.ts";
import { DEMO_REPO } from "../../dataset/read.ts";
import { indexDemo } from "../../select/select.ts";

export type KnownPairs = {
  /** The hash of the pair's task. Throws Fault `dataset_missing` that names the nearest pair. */
  readonly taskHash: (pair: PairId) => string;
};

/**
 * The ledger's pairs, larger groups of a task's features included; the demo's only when one of these names mentions it.
 * Throws UsageError when there are none.
 */
export function knownPairs(ledger: Ledger, names: readonly string[]): KnownPairs {
  if (names.some((name) => `${name}_task`.includes(DEMO_REPO))) indexDemo(ledger);
  const pairs = ledger.dataset.pairs({});
  const tasks = new Map(
    ledger.dataset.tasks().map((task) => [
      taskKey(task),
      {
        task_hash: task.task_hash,
        features: new Set(task.features.map(({ feature_id }) => feature_id)),
      },
    ]),
  );
  if (tasks.size === 0)
    throw new UsageError(
      "the ledger has no dataset: run `npx tandem fetch-dataset` first, then import again",
    );
  const repos = [...new Set(pairs.map(({ repo }) => repo))];
  const nearby = (pair: PairId) => {
    const ofTask = pairs.filter(
      ({ repo, task_id }) => repo === pair.repo && task_id === pair.task_id,
    );
    const own = ofTask.length > 0 ? ofTask : pairs.filter(({ repo }) => repo === pair.repo);
    return own.map(({ pair_key }) => pair_key);
  };
  return {
    taskHash(pair) {
      const task = tasks.get(taskKey(pair));
      if (task && pair.features.every((id) => task.features.has(id))) return task.task_hash;
      const near = nearby(pair);
      const message =
        near.length > 0
          ? unknownName("pair", pairKey(pair), near)
          : `${pairKey(pair)}: ${unknownName("repo", pair.repo, repos)}`;
      throw new Fault("dataset_missing", message, {
        hint: "fetch the dataset that has it with fetch-dataset, then import again",
      });
    },
  };
}
