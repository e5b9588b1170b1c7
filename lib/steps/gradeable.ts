// Owns which pairs are gradeable: those of whose every feature check-dataset found that its tests tell it apart.
import type { Ledger } from "../../db/ledger.ts";
import type { Check } from "../../db/schema.ts";
import { UsageError } from "../fault.ts";
import { type PairId, taskKey } from "../keys.ts";
import type { Selection } from "./select.ts";

/** Checks that a feature has to stand by itself; how all features go together is no matter of one. */
const NEEDED = ["tests alone", "gold"] as const satisfies Check[];

/**
 * Whether pairs are among those that the filter leaves; all are without it. What was checked on other files of the task does
 * not count. Throws UsageError where nothing was checked.
 */
export function gradeableWithin(
  ledger: Ledger,
  { gradeable }: Pick<Selection, "gradeable">,
): (pair: PairId) => boolean {
  if (gradeable === undefined) return () => true;
  const { backend } = gradeable;
  const hashes = new Map(ledger.dataset.tasks().map((task) => [taskKey(task), task.task_hash]));
  const checks = ledger.checks
    .all()
    .filter((check) => backend === undefined || check.backend === backend)
    .filter((check) => check.task_hash === hashes.get(taskKey(check)));
  if (checks.length === 0)
    throw new UsageError(
      `--gradeable: no feature was checked${backend === undefined ? "" : ` on ${backend}`}: run check-dataset there first`,
    );
  const good = new Set(
    checks.filter((check) => check.good && !check.flaky).map((check) => nameOf(check, check)),
  );
  const where = [...new Set(checks.map((check) => check.backend))];
  return (pair) =>
    pair.features.every((feature_id) =>
      where.some((one) =>
        NEEDED.every((kind) => good.has(nameOf({ ...pair, feature_id }, { kind, backend: one }))),
      ),
    );
}

type Feature = { readonly repo: string; readonly task_id: number; readonly feature_id: number };

function nameOf(feature: Feature, { kind, backend }: { kind: Check; backend: string }): string {
  return `${taskKey(feature)} ${feature.feature_id} ${kind} ${backend}`;
}
