// Owns reading a selection from flags, plain words and standard input.
import type { Ledger } from "../../db/ledger.ts";
import {
  selectPairs as chosenPairs,
  selectTasks as chosenTasks,
  type SelectedTask,
  type Unit,
} from "../select/select.ts";
import type { Selection } from "../select/selection.ts";
import { featureNumbers, wholeNumber } from "./args.ts";
import { givenKeys } from "./keys.ts";

export { indexDemo } from "../select/select.ts";

export type Filters = {
  readonly name?: string | undefined;
  readonly subset?: string | undefined;
  readonly repo?: string | undefined;
  readonly task?: string | undefined;
  readonly features?: string | undefined;
  readonly limit?: string | undefined;
  readonly gradeable?: boolean | undefined;
  readonly backend?: string | boolean | undefined;
  readonly edition?: string | undefined;
  readonly "dataset-dir": string;
};

/** The selection that words, standard input and filters make. */
export async function selection(words: readonly string[], filters: Filters): Promise<Selection> {
  return { ...filtersOf(filters), keys: await givenKeys(words) };
}

/** The selection by filters alone. */
export function filtersOf(filters: Filters): Selection {
  const { name, subset, repo, edition, gradeable, backend } = filters;
  const named = typeof backend === "string" ? backend : undefined;
  return {
    run: name,
    subset,
    repo,
    edition,
    task_id: wholeNumber("-t", filters.task),
    features: featureNumbers(filters.features),
    gradeable: gradeable === true ? { backend: named } : undefined,
    limit: wholeNumber("--limit", filters.limit, 1),
    dataset_dir: filters["dataset-dir"],
  };
}

/** The pairs (or larger units) that words, standard input or filters choose. */
export async function selectPairs(
  ledger: Ledger,
  words: readonly string[],
  filters: Filters,
): Promise<Unit[]> {
  return chosenPairs(ledger, await selection(words, filters));
}

/** The tasks that -r and -t leave; the demo takes part only when it is named. */
export function selectTasks(
  ledger: Ledger,
  filters: Pick<Filters, "repo" | "task" | "edition" | "dataset-dir">,
): SelectedTask[] {
  return chosenTasks(ledger, filtersOf(filters));
}
