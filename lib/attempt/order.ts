// Owns the order in which an attempt's agents touched what they share: recorded as it happens, repeated in a replay.

export type OrderedEvent = {
  readonly agent_id: string;
  readonly what: string;
  readonly signal: AbortSignal;
};

/** Events of one attempt in the order they happened, each as `<agent> <what>`. */
export interface Order {
  readonly log: readonly string[];
  /**
   * Performs the event, one at a time among all agents, and records it; in a replay it first waits for its turn. Throws
   * the signal's reason on abort, and what the action throws.
   */
  pass<T>(event: OrderedEvent, action: () => Promise<T>): Promise<T>;
  /** In a replay: what this agent did next in the original; undefined when it did no more, or diverged. */
  expected(agent_id: string): string | undefined;
  /** The agent has ended: no one waits for it any longer. */
  leave(agent_id: string): void;
}

/** The order of an original attempt: any event may come next. */
export function freeOrder(): Order {
  const log: string[] = [];
  const alone = oneAtATime();
  return {
    log,
    pass: ({ agent_id, what }, action) =>
      alone(async () => {
        log.push(`${agent_id} ${what}`);
        return await action();
      }),
    expected: () => undefined,
    leave: () => undefined,
  };
}

/**
 * The order of a recorded attempt. Every agent's own events come in the recorded order, so whichever agent is next will
 * come, and no wait is endless. The first event that is not the agent's recorded one ends the order for all: from there
 * on the attempt differs.
 */
export function recordedOrder(original: readonly string[]): Order {
  let recorded = original;
  const log: string[] = [];
  const alone = oneAtATime();
  let next = 0;
  let kept = true;
  const waiting = new Map<string, () => void>();
  const expected = (agent_id: string) => {
    if (!kept) return undefined;
    const event = recorded.slice(next).find((entry) => entry.startsWith(`${agent_id} `));
    return event?.slice(agent_id.length + 1);
  };
  const release = () => {
    const due = recorded[next];
    for (const [event, go] of waiting) if (!kept || event === due) go();
  };
  // Older records count the harness's taking of the work among the agent's commands, right before its end.
  const skipRuns = (agent_id: string) => {
    const isRun = (entry: string) => /^\S+ (?:run|ran) \d+$/.test(entry);
    const own = (entry: string) => entry.startsWith(`${agent_id} `);
    const left = recorded.slice(next).filter((entry) => !(own(entry) && isRun(entry)));
    recorded = [...recorded.slice(0, next), ...left];
    release();
  };
  const abandon = () => {
    kept = false;
    release();
  };
  return {
    log,
    expected,
    async pass({ agent_id, what, signal }, action) {
      const event = `${agent_id} ${what}`;
      if (what === "finish") skipRuns(agent_id);
      if (kept && expected(agent_id) !== what) abandon();
      while (kept && recorded[next] !== event) await turn(waiting, event, signal);
      return await alone(async () => {
        log.push(event);
        try {
          return await action();
        } finally {
          next++;
          release();
        }
      });
    },
    leave(agent_id) {
      if (kept && expected(agent_id) !== undefined) abandon();
    },
  };
}

/** Runs pieces of work one after the other, in the order they were asked for. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function turn(waiting: Map<string, () => void>, event: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => () => {
      waiting.delete(event);
      signal.removeEventListener("abort", stop);
      settle();
    };
    const stop = end(() => reject(signal.reason));
    signal.addEventListener("abort", stop);
    waiting.set(event, end(resolve));
  });
}
