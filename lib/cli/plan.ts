// Owns printing what a stage would do: a row per unit, and how many of them for which reason.
import { type PlannedUnit, reasons } from "../engine/why.ts";
import type { Output } from "./output.ts";

type Words = {
  /** What the units are to be, such as `attempts to merge`. */
  readonly what: string;
  /** Whose they are, before their number. */
  readonly whose?: string;
};

/** Returns 0: nothing can break. */
export function printPlan(
  out: Output,
  units: readonly PlannedUnit[],
  { what, whose = "" }: Words,
): number {
  for (const { key, done, why } of units) out.emit({ key, todo: !done, why });
  const todo = units.filter(({ done }) => !done).length;
  out.say(`${whose}${todo} of ${units.length} ${what}`);
  for (const reason of reasons(units)) out.say(`  ${reason.units} again: ${reason.why}`);
  return 0;
}
