// Owns whether a selection of attempts takes in one that may never have been begun, or a whole run.
import type { Ledger } from "../../db/ledger.ts";
import { pairKey, parseAttemptKey } from "../core/keys.ts";
import { selectAttempts } from "./select.ts";
import type { Selection } from "./selection.ts";

/** What is asked about: an attempt, or the whole run `name` where it is null. */
type Asked = { readonly name: string; readonly unit: string | null };

/**
 * Which of these a selection takes in. What narrows it to some attempts leaves out whole runs; what can only be said of
 * attempts that were made (an edition, gradeable features) leaves out all. Throws UsageError like any selection.
 */
export function selected<A extends Asked>(
  ledger: Ledger,
  filters: Selection,
  asked: readonly A[],
): A[] {
  const { runs, keys, repo, task_id, features, pair_keys } = selectAttempts(ledger, filters);
  if (filters.edition !== undefined || filters.gradeable !== undefined) return [];
  const narrow = [keys, repo, task_id, features, pair_keys].some((part) => part !== undefined);
  const fits = (unit: string) => {
    const attempt = parseAttemptKey(unit);
    return (
      (keys?.includes(unit) ?? true) &&
      (repo === undefined || attempt.repo === repo) &&
      (task_id === undefined || attempt.task_id === task_id) &&
      (features === undefined || features.join() === attempt.features.join()) &&
      (pair_keys?.has(pairKey(attempt)) ?? true)
    );
  };
  return asked
    .filter(({ name }) => runs?.includes(name) ?? true)
    .filter(({ unit }) => (unit === null ? !narrow : fits(unit)))
    .slice(0, filters.limit);
}
