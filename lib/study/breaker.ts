// Owns giving up on an arm: where one unit after another meets the same fault, continuing only costs money.
import type { Fault } from "../core/fault.ts";

const MOST = 5;

export type Breaker = {
  /** A unit ended: with this fault, or without one. */
  readonly note: (fault: Fault | undefined) => void;
  /** The fault that five units in a row met; undefined while there is reason to continue. */
  readonly broken: () => Fault | undefined;
};

/** Breaks at five units in a row that met a fault of one code; never when told to keep going. */
export function openBreaker(keep_going: boolean): Breaker {
  let row: Fault[] = [];
  return {
    note(fault) {
      if (row.length >= MOST) return;
      if (fault === undefined || row[0]?.code !== fault.code) row = [];
      if (fault !== undefined) row.push(fault);
    },
    broken: () => (keep_going || row.length < MOST ? undefined : row.at(-1)),
  };
}
