// Owns the targets of `pipeline`, in their order: each needs those before it.
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";

/** What each does, as it is listed. */
export const WHAT_TARGETS_DO = {
  dataset: "fetch the dataset where it is missing",
  sample: "choose the pairs",
  run: "have agents make the attempts",
  merge: "merge the agents' patches",
  eval: "run the hidden tests, and give verdicts",
  report: "print and write the reports (when no target is named)",
} as const;

export type Target = keyof typeof WHAT_TARGETS_DO;
export const TARGETS = Object.keys(WHAT_TARGETS_DO) as readonly Target[];

/** The target of this name. Throws UsageError where there is none. */
export function targetNamed(name: string): Target {
  const found = TARGETS.find((target) => target === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("target", name, TARGETS));
}
