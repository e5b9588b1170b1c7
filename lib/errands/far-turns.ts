// Owns turns to call a model that another process gives, and answers that it keeps: the performer's side.
import { Fault } from "../core/fault.ts";
import { redactDeep } from "../core/redact.ts";
import type { Cache } from "../model/cache.ts";
import { type Answered, filledIn } from "../model/recording.ts";
import type { Turn, Turns } from "../model/turns.ts";
import { type Body, type Reply, TOPICS, type Told, type Topic } from "./asking.ts";
import { carryFault } from "./carry.ts";
import type { Json, Site } from "./errand.ts";

/** Asks the sender. What is told goes together where it can, in order; `flush` waits until all of it has arrived. */
export type Asking = {
  readonly ask: <T extends Topic>(topic: T, body: Body<T>) => Promise<Reply<T>>;
  readonly tell: (told: Told) => void;
  /** Throws where something could not be told. */
  readonly flush: () => Promise<void>;
};

export function openAsking(site: Pick<Site, "ask">): Asking {
  const waiting: Told[] = [];
  let telling: Promise<unknown> = Promise.resolve();
  const ask: Asking["ask"] = async (topic, body) => {
    const reply: unknown = await site.ask(
      topic,
      JSON.parse(JSON.stringify(redactDeep(body))) as Json,
    );
    return TOPICS[topic].reply.parse(reply) as Reply<typeof topic>;
  };
  const send = async () => {
    if (waiting.length > 0) await ask("told", waiting.splice(0));
  };
  return {
    ask,
    tell(told) {
      waiting.push(told);
      telling = telling.then(send);
      // Whoever asks next, or waits for the end, hears of it.
      telling.catch(() => undefined);
    },
    flush: async () => void (await telling),
  };
}

/** Turns from the sender. */
export function farTurns(asking: Asking, limit_usd: number | null): Turns {
  const stopping = new AbortController();
  let stopped: Fault | undefined;
  let in_flight = 0;
  const over = (told: Omit<Extract<Told, { kind: "turn over" }>, "kind">) => {
    in_flight--;
    asking.tell({ kind: "turn over", ...told });
  };
  return {
    async take(signal) {
      AbortSignal.any([signal, stopping.signal]).throwIfAborted();
      await asking.flush();
      const granted = asking.ask("turn", {});
      const { turn } = await unlessAborted(granted, signal, ({ turn: late }) =>
        asking.tell({ kind: "turn over", turn: late, lost: false }),
      );
      in_flight++;
      return openTurn(turn, over);
    },
    stopping: stopping.signal,
    stop(fault) {
      if (stopped !== undefined) return stopped;
      stopped = fault;
      stopping.abort(fault);
      asking.tell({ kind: "stop", fault: carryFault(fault) });
      return fault;
    },
    stopped: () => stopped,
    retried(refusal) {
      const { retry_after_ms = null } = refusal ?? {};
      const why = refusal === undefined ? {} : { refusal: { retry_after_ms } };
      asking.tell({ kind: "retried", ...why });
    },
    limit_usd,
    state: () => ({
      ...{ in_flight, limit: in_flight, retries: 0, last_rate_limit: null },
      ...{ spent_usd: 0, unknown_price_calls: 0 },
    }),
  };
}

function openTurn(
  turn: number,
  over: (told: Omit<Extract<Told, { kind: "turn over" }>, "kind">) => void,
): Turn {
  let end: Partial<Extract<Told, { kind: "turn over" }>> = {};
  let is_over = false;
  return {
    paid(cost_usd) {
      end = { ...end, cost_usd };
    },
    lost() {
      end = { ...end, lost: true };
    },
    refused(hold_ms) {
      end = { ...end, hold_ms };
    },
    [Symbol.dispose]() {
      if (!is_over) over({ lost: false, ...end, turn });
      is_over = true;
    },
  };
}

/** Throws the signal's reason on abort; what comes later is given to `late`. */
async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  late: (value: T) => void,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([work, promise]);
  } catch (error) {
    if (signal.aborted) work.then(late).catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Answers that the sender keeps. While one caller asks a model, others with the same key wait there. */
export function farCache({ ask }: Asking): Cache {
  return {
    async through({ key, earlier = [], ask: askModel }) {
      const known = await ask("kept", { key, earlier: [...earlier] });
      if (known !== null) return { answered: filledIn(known.answered, 1), hit: true };
      const found = await askModel().catch(async (error: unknown) => {
        await ask("keep", { key, answered: null });
        throw error;
      });
      await ask("keep", { key, answered: found as Answered & Body<"keep">["answered"] });
      return { answered: found, hit: false };
    },
  };
}

/** A fault for what a performer cannot be asked. */
export function unasked(topic: string): Fault {
  return new Fault("internal", `nobody answers the question "${topic}"`, {
    hint: "caller and worker must be of the same version",
  });
}
