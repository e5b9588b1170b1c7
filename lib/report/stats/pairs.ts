// Owns gathering the tries of each pair: what is scored, and which task and repository it belongs to.
import type { RateRow } from "../rate.ts";
import { type Tries, triesOf } from "./repeats.ts";

/** One try of a pair. `task` need be unique only within its repository. */
export type TryRow = RateRow & {
  readonly pair_key: string;
  readonly task: string | number;
  readonly repo: string;
};
/** A pair's scored tries; `task` is unique over all repositories. */
export type PairTries = Tries & { readonly task: string; readonly repo: string };

/**
 * The pairs by key, in the order of their keys; those without a scored try (faults, pending) have 0 tries. Throws
 * RangeError where the rows of a pair name two tasks or repositories.
 */
export function pairTries(rows: readonly TryRow[]): Map<string, PairTries> {
  const groups = [...Map.groupBy(rows, ({ pair_key }) => pair_key)];
  groups.sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(groups.map(([key, own]) => [key, { ...placeOf(key, own), ...triesOf(own) }]));
}

function placeOf(key: string, rows: readonly TryRow[]): { task: string; repo: string } {
  const places = new Set(rows.map(({ repo, task }) => JSON.stringify([repo, String(task)])));
  const [first] = rows;
  const [task] = places;
  if (first === undefined || task === undefined || places.size > 1)
    throw new RangeError(`pair ${key} must be of one task: ${[...places].join(", ")}`);
  return { task, repo: first.repo };
}
