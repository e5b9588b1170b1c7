// Owns what a stage of the work is: what is done to a unit, what its result rests on, and where that is kept.

import { asFault, type Fault } from "../core/fault.ts";
import type { AttemptId } from "../core/keys.ts";
import { attemptKey } from "../core/keys.ts";
import type { Step } from "../core/vocabulary.ts";
import type { Held } from "../work/work.ts";

/** A unit as leases, journal and faults name it. */
export type About = AttemptId & { readonly unit: string };

/**
 * One stage: `U` is a unit, `I` what its result rests on, `S` the result as it is stored, `W` what the work makes. Units come
 * in batches wherever many cost little more than one; a list that is returned is as long and in the order of the one given.
 */
export type Stage<U, I, S, W> = {
  /** The stage's name in leases, journal and faults. */
  readonly name: Step;
  readonly about: (unit: U) => About;
  /** What the results of units rest on, by content; a Fault where that cannot be known. */
  readonly inputs: (units: readonly U[]) => Promise<readonly (I | Fault)[]>;
  /** What is stored of units. Asked under the ledger's lock too: it reads the ledger and nothing else. */
  readonly stored: (units: readonly U[]) => readonly (S | undefined)[];
  /** Whether a stored result rests on these inputs; a Fault when it does not and must not be replaced unless asked. */
  readonly current: (stored: S, inputs: I) => boolean | Fault;
  /** When the stored result was made, ISO 8601. */
  readonly made_at: (stored: S) => string;
  /** Does claimed units; a Fault for each that broke. */
  readonly work: (jobs: readonly Job<U, I>[]) => Promise<readonly (W | Fault)[]>;
  /** Keeps what was made, and ends the unit's lease in the same transaction. Throws Faults. */
  readonly store: (job: Job<U, I>, made: W) => Promise<S> | S;
};
/** A unit that this process holds, with what it rests on. */
export type Job<U, I> = { readonly unit: U; readonly inputs: I; readonly held: Held };

/** How most stages work: each unit by itself. */
export function eachJob<U, I, W>(
  work: (job: Job<U, I>) => Promise<W>,
): Stage<U, I, never, W>["work"] {
  return async (jobs) => await Promise.all(jobs.map((job) => work(job).catch(asFault)));
}

/** How most stages find inputs: each unit by itself. */
export function eachInput<U, I>(
  inputOf: (unit: U) => Promise<I> | I,
): (units: readonly U[]) => Promise<(I | Fault)[]> {
  return async (units) =>
    await Promise.all(
      units.map(async (unit) => await inputOf(unit)).map((one) => one.catch(asFault)),
    );
}

/** An attempt as a unit. */
export function aboutAttempt(attempt: AttemptId): About {
  return { ...attempt, unit: attemptKey(attempt) };
}
