// Owns the units that met a fault in this call and may be asked for again, by another process, while the call goes on.
import type { Ledger } from "../../db/ledger.ts";
import type { Step } from "../core/vocabulary.ts";

export type Again<T> = {
  /** The unit met a fault just now, and the call has given it up. */
  readonly met: (key: string, unit: T) => void;
  /** The unit is under way again, or done. */
  readonly over: (key: string) => void;
  /** Units that were asked for since they met their last fault; each is returned once. */
  readonly asked: () => T[];
};

export function openAgain<T>(
  faults: Pick<Ledger["faults"], "requeued">,
  steps: readonly Step[],
): Again<T> {
  const given = new Map<string, { readonly unit: T; readonly at: string }>();
  const began = now();
  const askedFor = (since: string) => {
    const keys = steps.map((step) => faults.requeued(step, since));
    return (key: string) => keys.some((some) => some.has(key));
  };
  return {
    met: (key, unit) => void given.set(key, { unit, at: now() }),
    over: (key) => void given.delete(key),
    asked() {
      if (given.size === 0) return [];
      const ever = askedFor(began);
      return [...given].flatMap(([key, { unit, at }]) => {
        // What was asked for before the last fault was answered by it.
        if (!ever(key) || !askedFor(at)(key)) return [];
        given.delete(key);
        return [unit];
      });
    },
  };
}

const now = () => new Date().toISOString();
