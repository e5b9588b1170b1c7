// Owns the one way to a model: who answers a run's calls, and what all of them together may do.
import { defaultValue } from "../config/settings.ts";
import { type Fault, UsageError } from "../core/fault.ts";
import { type Asked, ownServer, serverOf } from "../core/host.ts";
import { parseAttemptKey } from "../core/keys.ts";
import { type Cache, cacheKey, openCache } from "./cache.ts";
import { type Elsewhere, openElsewhere, refuseLimits } from "./elsewhere.ts";
import type { GatewayEvent, GatewayOptions, GatewayState } from "./gateway-options.ts";
import { type Ask, type MeteredModel, type MeterOptions, meteredModel } from "./metered.ts";
import type { Caller } from "./model.ts";
import { checkModelName, isRecording, modelParts } from "./names.ts";
import type { Answered } from "./recording.ts";
import { openReplay, recordingOfRun, recordingOfTask } from "./replay.ts";
import type { SealedRequest } from "./request.ts";
import { openUpstream, type Upstream } from "./upstream.ts";

export type Gateway = {
  /** A model for one agent of one attempt, and who hears of its calls. Throws Fault `recording_missing` or `bad_file`. */
  readonly open: (caller: Caller, hearing?: Hearing) => Promise<MeteredModel>;
  readonly state: () => GatewayState;
  /** Why no later call can succeed (key refused, quota or budget used up): a runner starts no more units then. */
  readonly stopped: Fault | undefined;
  /** False when the cost of calls is unknown: limits in dollars then limit nothing. */
  readonly price_known: boolean;
  /** Where the prices are from, with version or file; null when nothing is paid. */
  readonly prices: string | null;
  /** The host that is called; null when there is none. */
  readonly server: string | null;
  /** What processes need that make its calls; absent where it makes them itself, or recordings answer. */
  readonly elsewhere?: Elsewhere | undefined;
  /** Tells what happens in a call that another process makes. */
  readonly tell?: ((event: GatewayEvent) => void) | undefined;
};
const CONCURRENCY = defaultValue("model_calls");

/**
 * Opens the way to a run's model. Throws UsageError for a model, option or key that will not do, and for a limit in
 * dollars on a model whose price is unknown.
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { concurrency = CONCURRENCY } = options;
  if (!(concurrency >= 1)) throw new UsageError(`concurrency ${concurrency} must be at least 1`);
  const tell = options.on_event ?? (() => undefined);
  if (options.replay !== undefined) return replaying(options, tell);
  checkModelName(options.model, { base_url: options.base_url });
  if (isRecording(options.model)) return replaying(options, tell);
  const cache = cacheOf(options, tell);
  if (options.called_elsewhere === true)
    return notCalled(await openElsewhere({ ...options, concurrency }, { tell, cache }));
  const upstream = await openUpstream({ ...options, concurrency }, tell);
  if (!upstream.price_known) refuseLimits(options);
  const { turns } = upstream;
  return {
    async open(caller, hearing = {}) {
      const ask = cache === undefined ? upstream.ask : cached(cache, { options, caller, upstream });
      return metered(options, caller, { ask, divergence: () => undefined, ...hearing });
    },
    state: upstream.state,
    get stopped() {
      return turns.stopped();
    },
    price_known: upstream.price_known,
    prices: upstream.prices,
    server: serverOf(askedBy(options)),
  };
}

type Tell = (event: GatewayEvent) => void;

function cacheOf({ cache, cache_dir }: GatewayOptions, tell: Tell): Cache | undefined {
  if (cache !== undefined || cache_dir === undefined) return cache;
  return openCache(cache_dir, (path) => tell({ kind: "damaged cache file", path }));
}

function notCalled({ elsewhere, ...known }: Awaited<ReturnType<typeof openElsewhere>>): Gateway {
  return {
    ...{ ...known, elsewhere },
    async open() {
      throw new RangeError("the calls of this gateway are made elsewhere");
    },
    get stopped() {
      return elsewhere.turns.stopped();
    },
  };
}

/** `watch` is asked at the beginning of each call for one who watches it; `on_change` hears when a call goes out, and when what calls have cost changed. */
export type Hearing = Pick<MeterOptions, "watch" | "on_change">;
type Answering = Pick<MeterOptions, "ask" | "divergence"> & Hearing;

function metered(options: GatewayOptions, caller: Caller, answering: Answering): MeteredModel {
  return meteredModel({
    name: options.model,
    options: options.options,
    ...answering,
    on_call: (call) => options.on_event?.({ kind: "call", caller, call }),
    on_step: (step) => options.on_event?.({ kind: "step", caller, step }),
    on_cut: (window_tokens) => options.on_event?.({ kind: "cut prompt", caller, window_tokens }),
  });
}

type Cached = {
  readonly options: GatewayOptions;
  readonly caller: Caller;
  readonly upstream: Upstream;
};

/** Kept answers first. They cost nothing: neither the run nor, so that it gets as far as its money, the agent. */
function cached(cache: Cache, { options, caller, upstream }: Cached): Ask {
  const { model, kept_as } = options;
  const { base_url, earlier } = kept_as ?? { ...askedBy(options), earlier: [] };
  const own = ownServer({ model, base_url });
  const addresses = new Set<string | null>([base_url, options.base_url ?? null, ...earlier]);
  const tries = { model, try: parseAttemptKey(caller.attempt_key).try };
  return async (request, signal, watch, sends) => {
    const keyAt = (at: string | null) =>
      cacheKey({ ...tries, base_url: at, request_sha256: request.sha256 });
    let paid: Awaited<ReturnType<Ask>> | undefined;
    // Somebody else may be asking the same.
    watch.waits("turn");
    const { answered } = await cache.through({
      key: keyAt(own),
      earlier: [...addresses].map(keyAt),
      signal,
      ask: async () => {
        paid = await upstream.ask(request, signal, watch, sends);
        return paid.answered;
      },
    });
    return paid ?? { answered: again(answered, "cache", 0), paid_usd: 0, waited_ms: 0 };
  };
}

function askedBy({ model, base_url }: GatewayOptions): Asked {
  return { model, base_url: base_url ?? null };
}

const IDLE: GatewayState = {
  provider: null,
  in_flight: 0,
  limit: 0,
  retries: 0,
  spent_usd: 0,
  unknown_price_calls: 0,
  last_rate_limit: null,
};

/** Recordings answer; nothing is asked of anybody. */
function replaying(options: GatewayOptions, tell: Tell): Gateway {
  const { replay, model, budget } = options;
  return {
    async open(caller) {
      const name = modelParts(model).model;
      const path = replay ? recordingOfRun(replay, caller) : recordingOfTask(name, caller);
      const recorded = openReplay(path, caller.agent_id, (divergence) =>
        tell({ kind: "divergence", caller, divergence }),
      );
      const ask = async (request: SealedRequest) => {
        const answered = recorded.answer(request);
        // The agent hears the recorded price, or its limits would not strike where they struck.
        return {
          answered: again(answered, "replay", answered.cost_usd),
          paid_usd: 0,
          waited_ms: 0,
        };
      };
      return metered(options, caller, { ask, divergence: () => recorded.divergence });
    },
    state: () => ({ ...IDLE, spent_usd: budget?.spent_usd ?? 0 }),
    stopped: undefined,
    tell,
    price_known: true,
    prices: null,
    server: null,
  };
}

/** An earlier answer given again, without waiting. */
function again(answered: Answered, source: "cache" | "replay", cost_usd: number | null): Answered {
  return { ...answered, source, cost_usd, latency_ms: 0, retries: 0 };
}
