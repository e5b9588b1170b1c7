// Owns which finished attempts a stage after the agents works on, and where.
import { placesOf, type SandboxOptions, type StepOptions, sandboxesOf } from "../engine/places.ts";
import { attemptsWithin } from "../select/select.ts";
import type { Selection } from "../select/selection.ts";
import { taskFinder } from "../select/task-files.ts";

export type FinishedOptions = StepOptions &
  SandboxOptions & {
    /** Which finished attempts. */
    readonly select?: Omit<Selection, "dataset_dir"> | undefined;
  };

/** Ledger, folders and backend of a stage, and the keys of the attempts that it is asked for. */
export async function finishedPlan(options: FinishedOptions) {
  const { ledger, log_dir, dataset_dir } = placesOf(options);
  return {
    ...{ ledger, log_dir },
    keys: attemptsWithin(ledger, { ...options.select, dataset_dir }).keys,
    taskOf: taskFinder(ledger, dataset_dir),
    backend: await sandboxesOf(options, options),
    force: options.force ?? false,
  };
}
