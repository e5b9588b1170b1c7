// Owns one run of a suite: a sandbox made ready, the tests run in their turn, and the sandbox removed.
import type { Backend } from "../sandbox/sandbox.ts";
import type { Lanes } from "./lanes.ts";
import { readySuite, type SuiteJob, type SuiteVerdict } from "./suite.ts";

export type SuiteRun = {
  readonly job: SuiteJob;
  /** With no other suite of the same engine under way in the process. */
  readonly alone: boolean;
  /** The key that its result is kept under. */
  readonly suite_key: string;
};
export type RanSuite = {
  readonly found: SuiteVerdict;
  /** What removing its sandbox threw, once the tests had run. */
  readonly not_removed: readonly unknown[];
};
/** Runs a suite once, somewhere. Throws Faults. */
export type RunSuite = (run: SuiteRun) => Promise<RanSuite>;

/** Runs them in this process. */
export function runsHere(backend: Backend, lanes: Lanes): RunSuite {
  return ({ job, alone }) =>
    lanes.sandbox(async () => {
      await using resources = new AsyncDisposableStack();
      const not_removed: unknown[] = [];
      const suite = await readySuite(backend, job);
      let ran = false;
      resources.defer(async () => {
        await Promise.resolve(suite[Symbol.asyncDispose]()).catch((error: unknown) => {
          if (!ran) throw error;
          not_removed.push(error);
        });
      });
      const found = await (alone ? lanes.alone : lanes.running)(() => suite.run());
      ran = true;
      return { found, not_removed };
    });
}
