// Owns what a sender answers while its errand is performed: turns to call a model, kept answers; and what calls have cost.
import type { UnitProgress } from "../../db/schema.ts";
import { asFault } from "../core/fault.ts";
import { redactDeep } from "../core/redact.ts";
import type { Elsewhere } from "../model/elsewhere.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Caller } from "../model/model.ts";
import { filledIn } from "../model/recording.ts";
import type { Turn } from "../model/turns.ts";
import { type Body, type Reply, TOPICS, type Told, type Topic } from "./asking.ts";
import { carriedAsFault } from "./carry.ts";
import type { Json, Parcel } from "./errand.ts";
import { unasked } from "./far-turns.ts";

export type Answers = Disposable & {
  readonly answer: Parcel<never>["answer"];
  /** Progress as the performer says it, at least with what its calls are known to have cost. */
  readonly known: (progress: UnitProgress) => UnitProgress;
  /** Another performer has the errand: what the earlier one has cost counts elsewhere. */
  readonly anew: () => void;
};
type Options = {
  readonly gateway: Gateway | undefined;
  /** Whose calls they are. */
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Hears that calls have cost something. */
  readonly on_cost: () => void;
};

/** Disposing of it ends the turns that the performer still has: their calls may have cost something. */
export function openAnswers(options: Options): Answers {
  const { gateway, on_cost } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const turns = new Map<number, Turn>();
  const asked = new Map<string, PromiseWithResolvers<Known>>();
  let cost = NO_COST;
  let count = 0;
  const elsewhere = () => {
    if (gateway?.elsewhere === undefined) throw unasked("turn");
    return gateway.elsewhere;
  };
  /** The performer is gone: what its calls cost that are under way is unknown. */
  const lose = () => {
    cost = { ...cost, lost: cost.lost + turns.size };
    for (const turn of turns.values()) {
      turn.lost();
      turn[Symbol.dispose]();
    }
    turns.clear();
    for (const { reject } of asked.values()) reject(new Error("nobody asks any longer"));
    asked.clear();
  };
  const over = (one: Extract<Told, { kind: "turn over" }>) => {
    using turn = turns.get(one.turn);
    if (turn === undefined || !turns.delete(one.turn)) return;
    if (one.hold_ms !== undefined) turn.refused(one.hold_ms);
    if (one.lost) turn.lost();
    if (one.cost_usd !== undefined) turn.paid(one.cost_usd);
    cost = counted(cost, one);
    on_cost();
  };
  const answers: { readonly [T in Topic]: (body: Body<T>) => Promise<Reply<T>> } = {
    async turn() {
      const turn = await elsewhere().turns.take(signal);
      const id = ++count;
      turns.set(id, turn);
      return { turn: id };
    },
    async told(all) {
      for (const one of all)
        if (one.kind === "turn over") over(one);
        else hear(one, options);
      return null;
    },
    kept: (lookup) => look(elsewhere(), lookup, { asked, signal }),
    async keep({ key, answered }) {
      const waiting = asked.get(key);
      asked.delete(key);
      if (answered === null) waiting?.reject(new Error("no answer was found"));
      else waiting?.resolve(filledIn(answered, 1));
      return null;
    },
  };
  return {
    async answer(topic, body) {
      if (!isTopic(topic)) throw unasked(topic);
      const parsed = TOPICS[topic].body.parse(body);
      const reply = await (answers[topic] as (given: unknown) => Promise<unknown>)(parsed);
      return JSON.parse(JSON.stringify(redactDeep(reply))) as Json;
    },
    known: (progress) => atLeast(progress, { ...cost, open: turns.size }),
    anew() {
      lose();
      cost = NO_COST;
    },
    [Symbol.dispose]() {
      ended.abort(new Error("the errand has ended"));
      lose();
    },
  };
}

type Known = ReturnType<typeof filledIn>;
type Cost = {
  readonly usd: number;
  readonly unpriced: number;
  readonly lost: number;
  readonly dearest_usd: number;
};

const NO_COST: Cost = { usd: 0, unpriced: 0, lost: 0, dearest_usd: 0 };

function counted(cost: Cost, { lost, cost_usd }: Extract<Told, { kind: "turn over" }>): Cost {
  const after = lost ? { ...cost, lost: cost.lost + 1 } : cost;
  if (cost_usd === undefined) return after;
  if (cost_usd === null) return { ...after, unpriced: after.unpriced + 1 };
  const dearest_usd = Math.max(after.dearest_usd, cost_usd);
  return { ...after, usd: after.usd + cost_usd, dearest_usd };
}

/** What the performer says comes later than what its turns have cost; `open` turns are not over. */
function atLeast(
  progress: UnitProgress,
  { usd, unpriced, lost, dearest_usd, open }: Cost & { readonly open: number },
): UnitProgress {
  const { cost_usd, ...rest } = progress;
  const dearest = Math.max(progress.dearest_usd ?? 0, dearest_usd);
  return {
    ...rest,
    cost_usd: cost_usd === null ? null : Math.max(cost_usd, usd),
    unpriced: Math.max(progress.unpriced ?? 0, unpriced),
    cut_off: Math.max(progress.cut_off ?? 0, lost),
    in_flight: Math.min(progress.in_flight ?? 0, open),
    ...(dearest > 0 ? { dearest_usd: dearest } : {}),
  };
}

/** The kept answer; null, and a place for it, when the performer has to ask. Several of the same key wait here. */
async function look(
  { cache }: Elsewhere,
  { key, earlier }: Body<"kept">,
  { asked, signal }: { asked: Map<string, PromiseWithResolvers<Known>>; signal: AbortSignal },
): Promise<Reply<"kept">> {
  if (cache === undefined) return null;
  const { promise, resolve, reject } = Promise.withResolvers<Reply<"kept">>();
  cache
    .through({
      ...{ key, earlier, signal },
      ask() {
        const place = Promise.withResolvers<Known>();
        asked.set(key, place);
        resolve(null);
        return place.promise;
      },
    })
    .then(({ answered }) => resolve({ answered: answered as Body<"keep">["answered"] & object }))
    // Once the performer was told to ask, only it can say why there is no answer.
    .catch((error: unknown) => reject(asFault(error)));
  return await promise;
}

function hear(
  one: Exclude<Told, { kind: "turn over" }>,
  { caller, gateway }: Pick<Options, "caller" | "gateway">,
): void {
  const { elsewhere, tell = () => undefined } = gateway ?? {};
  if (one.kind === "stop") elsewhere?.turns.stop(carriedAsFault(one.fault));
  else if (one.kind === "retried") elsewhere?.turns.retried(one.refusal);
  else if (one.kind === "tokens" || one.kind === "retry") tell(one);
  else {
    const { agent_id } = one;
    const of = { ...caller, attempt_key: one.attempt_key, agent_id };
    if (one.kind === "step")
      tell({ kind: "step", caller: { ...caller, agent_id }, step: one.step });
    else if (one.kind === "cut prompt")
      tell({ kind: "cut prompt", caller: of, window_tokens: one.window_tokens });
    else {
      const divergence = { agent_id, seq: one.seq, what: one.what };
      tell({ kind: "divergence", caller: of, divergence });
    }
  }
}

function isTopic(topic: string): topic is Topic {
  return Object.hasOwn(TOPICS, topic);
}
