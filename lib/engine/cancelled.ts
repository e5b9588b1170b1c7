// Owns the units of a line that people cancelled: those under way are stopped, the others are left until they are resumed.
import type { Control } from "../control/obey.ts";
import { requestLine } from "../control/say.ts";
import { attemptKey } from "../core/keys.ts";
import type { Held } from "../work/work.ts";
import type { About } from "./stage.ts";

export type Cancelled<U> = {
  /** Whether a unit is cancelled; then it is kept here. */
  readonly takes: (unit: U) => boolean;
  /** Stops each of these units once it is cancelled, until disposed of. */
  readonly during: (jobs: readonly { readonly unit: U; readonly held: Held }[]) => Disposable;
  /** Stops what is cancelled by now; returns units that are resumed, each once. */
  readonly look: () => readonly U[];
  /** Units that are kept here. */
  readonly units: () => readonly U[];
};

/** Every stage of a cancelled attempt is cancelled. */
export function openCancelled<U>(
  control: Pick<Control, "cancelled" | "left">,
  aboutOf: (unit: U) => About,
): Cancelled<U> {
  const kept = new Map<string, U>();
  const under_way = new Map<Held, U>();
  const whyOf = (unit: U) => {
    const about = aboutOf(unit);
    return about.run === "" ? undefined : control.cancelled(about.run, attemptKey(about));
  };
  const stop = () => {
    for (const [held, unit] of under_way) {
      const why = whyOf(unit);
      if (why !== undefined) held.cancel(requestLine(why));
    }
  };
  return {
    takes(unit) {
      if (whyOf(unit) === undefined) return false;
      kept.set(aboutOf(unit).unit, unit);
      control.left.add(attemptKey(aboutOf(unit)));
      return true;
    },
    during(jobs) {
      for (const { unit, held } of jobs) under_way.set(held, unit);
      stop();
      return {
        [Symbol.dispose]() {
          for (const { held } of jobs) under_way.delete(held);
        },
      };
    },
    look() {
      stop();
      const resumed = [...kept].filter(([, unit]) => whyOf(unit) === undefined);
      for (const [key, unit] of resumed) {
        kept.delete(key);
        control.left.delete(attemptKey(aboutOf(unit)));
      }
      return resumed.map(([, unit]) => unit);
    },
    units: () => [...kept.values()],
  };
}
