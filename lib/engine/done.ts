// Owns the question whether a unit is done: a result is stored, and it rests on what the unit rests on now.
import { asFault, Fault } from "../core/fault.ts";
import type { Stage } from "./stage.ts";

/** What a look at a unit found: its standing result, what its result would rest on, or what prevents it. */
export type Look<I, S> =
  | { readonly kind: "done"; readonly stored: S }
  | { readonly kind: "to do"; readonly inputs: I }
  /** Stored on other inputs, and not to be replaced unless asked. */
  | { readonly kind: "refused"; readonly fault: Fault }
  | { readonly kind: "broken"; readonly fault: Fault };

/** Looks at units, all at once. Results from before `since` (ISO 8601), when it is given, do not count. */
export async function look<U, I, S, W>(
  stage: Pick<Stage<U, I, S, W>, "inputs" | "stored" | "current" | "made_at">,
  units: readonly U[],
  since: string | undefined,
): Promise<readonly Look<I, S>[]> {
  const inputs = await stage.inputs(units).catch((error) => units.map(() => asFault(error)));
  const stored = stage.stored(units);
  return units.map((_, index) => {
    const rests = inputs[index];
    if (rests === undefined) throw new RangeError("a stage names inputs for every unit");
    if (rests instanceof Fault) return { kind: "broken", fault: rests };
    return judged(stage, { stored: stored[index], inputs: rests as I, since });
  });
}

type Found<I, S> = {
  readonly stored: S | undefined;
  readonly inputs: I;
  readonly since: string | undefined;
};

/** The same for one unit whose inputs are known. */
export function judged<U, I, S, W>(
  { current, made_at }: Pick<Stage<U, I, S, W>, "current" | "made_at">,
  { stored, inputs, since }: Found<I, S>,
): Exclude<Look<I, S>, { kind: "broken" }> {
  if (stored === undefined || (since !== undefined && made_at(stored) < since))
    return { kind: "to do", inputs };
  const rests = current(stored, inputs);
  if (rests instanceof Fault) return { kind: "refused", fault: rests };
  return rests ? { kind: "done", stored } : { kind: "to do", inputs };
}
