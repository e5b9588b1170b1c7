// Owns which faults are worth an immediate retry, how often, and after how long.
import { type Fault, faultRow } from "../core/fault.ts";

/** How often a unit that met a fault is retried within one call, and the milliseconds before the first retry. */
export type Retries = { readonly faults: number; readonly wait_ms: number };
export const NO_RETRIES: Retries = { faults: 0, wait_ms: 0 };

const LONGEST_MS = 5 * 60_000;
/** Places that fail one after another are not what is wrong. */
const MOST_MOVES = 5;

/**
 * Whether a unit whose place failed, as it has so many times before, goes on in another place at once, whatever the retries
 * are: those are for work that could fail again.
 */
export function canMove({ elsewhere }: Fault, moves: number): boolean {
  return elsewhere === true && moves < MOST_MOVES;
}

/** Milliseconds until the next retry, doubled each time; undefined when there is none. */
export function retryAfter(fault: Fault, tries: number, { faults, wait_ms }: Retries) {
  if (tries > faults || faultRow(fault.code).passes !== true) return undefined;
  return Math.min(wait_ms * 2 ** (tries - 1), LONGEST_MS);
}
