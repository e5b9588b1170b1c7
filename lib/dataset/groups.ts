// Owns groups of three features and more of one task: all of one size, and their rows with the traits of their gold patches.
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { type PairId, taskKey } from "../core/keys.ts";
import { parsePatch } from "../patch/parse.ts";
import { couplingOf } from "./traits.ts";

type Task = ReturnType<Ledger["dataset"]["tasks"]>[number];

/** Every group of `size` features of a task, in the order of the recipe: C(n, size) of them. */
export function groupsOf(
  { repo, task_id, features }: Pick<Task, "repo" | "task_id" | "features">,
  size: number,
): PairId[] {
  const ids = features.map(({ feature_id }) => feature_id).sort((a, b) => a - b);
  const choose = (from: readonly number[], left: number): number[][] =>
    left === 0
      ? [[]]
      : from.flatMap((first, at) =>
          choose(from.slice(at + 1), left - 1).map((rest) => [first, ...rest]),
        );
  return choose(ids, size).map((chosen) => ({ repo, task_id, features: chosen }));
}

type Group = Pick<PairRow, "pair_key" | "repo" | "task_id" | "features">;
/** A row as pairs have it, with the version of its task. */
export type GroupRow = PairRow & { readonly task_hash: string };

/**
 * Rows of groups, as pairs have them: with what merging their gold patches gave, where that was asked before. Traits are
 * those of {@link couplingOf}. Throws Fault `dataset_missing` for features that the edition lacks.
 */
export function groupRows(
  ledger: Ledger,
  groups: readonly Group[],
  edition?: string,
): Map<string, GroupRow> {
  const tasks = new Map(
    ledger.dataset.tasks(undefined, edition).map((task) => [taskKey(task), task]),
  );
  const parsed = new Map<string, ReturnType<typeof parsePatch>>();
  const patchOf = (group: Group, task: Task | undefined, feature_id: number) => {
    const hash = task?.features.find((row) => row.feature_id === feature_id)?.gold_patch ?? "";
    const bytes = parsed.has(hash) ? undefined : ledger.dataset.patchBytes([hash]).get(hash);
    const patch = parsed.get(hash) ?? (bytes && parsePatch(bytes));
    if (patch === undefined)
      throw new Fault(
        "dataset_missing",
        `${group.pair_key}: feature ${feature_id} is not in the ledger`,
        { hint: "run fetch-dataset again" },
      );
    parsed.set(hash, patch);
    return patch;
  };
  const known = ledger.editions.groups(groups.map(({ pair_key }) => pair_key));
  const rows = groups.map((group): [string, GroupRow] => {
    const { pair_key, repo, task_id, features } = group;
    const task = tasks.get(taskKey(group));
    const { task_hash = "", source = "dataset" } = task ?? {};
    const stored = known.get(`${pair_key} ${task_hash}`);
    if (stored !== undefined) return [pair_key, stored];
    const traits = couplingOf(features.map((id) => patchOf(group, task, id)));
    const gold = { gold_naive: null, gold_union: null };
    const own = { pair_key, repo, task_id, features, source, task_hash };
    return [pair_key, { ...own, ...traits, ...gold }];
  });
  return new Map(rows);
}
