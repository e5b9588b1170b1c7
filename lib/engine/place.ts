// Owns where claimed units are worked on: the seam between deciding what is done and doing it.
import type { Fault } from "../core/fault.ts";
import type { Send } from "../errands/errand.ts";
import type { Job, Stage } from "./stage.ts";

/** Takes the work of claimed units and returns its results; claims and results stay with the caller. */
export type Place = {
  readonly name: string;
  readonly work: <U, I, S, W>(
    stage: Stage<U, I, S, W>,
    jobs: readonly Job<U, I>[],
  ) => Promise<readonly (W | Fault)[]>;
  /** Has parts of the work done by other processes; absent: all of it is done here. */
  readonly send?: Send | undefined;
};

/** This process. */
export const HERE: Place = { name: "here", work: (stage, jobs) => stage.work(jobs) };
