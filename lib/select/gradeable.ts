// Owns which pairs are gradeable: those of whose every feature check-dataset found that its tests tell it apart.
import type { Ledger } from "../../db/ledger.ts";
import type { Check, CheckRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { type PairId, taskKey } from "../core/keys.ts";
import type { Selection } from "./selection.ts";

/** Checks that a feature has to stand by itself; how all features work together does not concern a single one. */
const NEEDED = ["tests alone", "gold"] as const satisfies Check[];

/**
 * Whether pairs pass the filter; without one, all do. What was checked on other files of the task does not count: a
 * pair's version is the one it was tried on where that is given, else the edition's (the current one's when absent).
 * Throws UsageError where nothing was checked.
 */
export function gradeableWithin(
  ledger: Ledger,
  { gradeable }: Pick<Selection, "gradeable">,
  edition?: string,
): (pair: PairId, task_hash?: string | null) => boolean {
  if (gradeable === undefined) return () => true;
  const { backend } = gradeable;
  const hashes = new Map(
    ledger.dataset.tasks(undefined, edition).map((task) => [taskKey(task), task.task_hash]),
  );
  const checks = ledger.checks
    .all()
    .filter((check) => backend === undefined || check.backend === backend);
  if (checks.length === 0)
    throw new UsageError(
      `--gradeable: no feature was checked${backend === undefined ? "" : ` on ${backend}`}: run check-dataset there first`,
    );
  const good = new Set(
    checks.filter((check) => check.good && !check.flaky).map((check) => nameOf(check, check)),
  );
  const where = [...new Set(checks.map((check) => check.backend))];
  return (pair, tried_on) => {
    const task_hash = tried_on ?? hashes.get(taskKey(pair)) ?? "";
    return pair.features.every((feature_id) =>
      where.some((one) =>
        NEEDED.every((kind) =>
          good.has(nameOf({ ...pair, feature_id }, { kind, backend: one, task_hash })),
        ),
      ),
    );
  };
}

type Feature = { readonly repo: string; readonly task_id: number; readonly feature_id: number };

function nameOf(
  feature: Feature,
  { kind, backend, task_hash }: Pick<CheckRow, "kind" | "backend" | "task_hash">,
): string {
  return `${taskKey(feature)} ${feature.feature_id} ${kind} ${backend} ${task_hash}`;
}
