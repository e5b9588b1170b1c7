// Owns how many suites run at a time, how many sandboxes are held ready for them, and a suite that runs alone.
import { type Gate, openGate } from "../core/pool.ts";

export type Lanes = {
  /** Runs tests, `suites` at a time. */
  readonly running: Gate;
  /** Runs tests while no other suite of the same engine is under way in this process. */
  readonly alone: Gate;
  /** Holds a sandbox. */
  readonly sandbox: Gate;
};

/**
 * Tests run `suites` at a time. Opening a sandbox and removing it take as long as a short suite and are mostly waiting:
 * as many sandboxes again (two at least) are made ready for the next suites, or removed, meanwhile. `engine` names what
 * the suites share with those of other callers.
 */
export function openLanes(suites: number, engine: string): Lanes {
  const width = openGate(suites);
  const quiet = quietOf(engine);
  return {
    running: (work) => width(() => quiet.among(work)),
    alone: quiet.alone,
    sandbox: openGate(suites + Math.max(2, suites)),
  };
}

type Quiet = { readonly among: Gate; readonly alone: Gate };
const quiets = new Map<string, Quiet>();

function quietOf(engine: string): Quiet {
  const known = quiets.get(engine) ?? openQuiet();
  quiets.set(engine, known);
  return known;
}

/** Work among others, or alone: who wants to be alone waits for those under way, and new ones wait for it. */
function openQuiet(): Quiet {
  let [among, lone] = [0, 0];
  let waiting: (() => void)[] = [];
  const change = () => new Promise<void>((resolve) => waiting.push(resolve));
  const changed = () => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    async among(work) {
      while (lone > 0) await change();
      among++;
      try {
        return await work();
      } finally {
        among--;
        changed();
      }
    },
    async alone(work) {
      while (lone > 0) await change();
      lone++;
      try {
        while (among > 0) await change();
        return await work();
      } finally {
        lone--;
        changed();
      }
    },
  };
}
