// Owns the way up to one provider: every call of a run goes through its throttle, its retries and its budget.
import { Fault, faultRow } from "../core/fault.ts";
import { turnsFor } from "./elsewhere.ts";
import type { GatewayEvent, GatewayOptions, GatewayState } from "./gateway-options.ts";
import type { Ask, Paid, Sends } from "./metered.ts";
import { NO_USAGE } from "./model.ts";
import { Outage } from "./outage.ts";
import { isPriced, openPrices, type Prices } from "./prices.ts";
import type { Provider, RawAnswer } from "./provider/contract.ts";
import { mayHaveCost, ProviderError } from "./provider/error.ts";
import { openSeal, type SealedRequest } from "./request.ts";
import {
  type Clock,
  faultAtOnce,
  isRefusal,
  pauseAsked,
  REAL_CLOCK,
  withRetries,
} from "./retry.ts";
import type { Turn, Turns } from "./turns.ts";

export type UpstreamOptions = GatewayOptions & { readonly concurrency: number };
type Tell = (event: GatewayEvent) => void;

/** Opens the provider and the prices. Throws UsageError for a model, an option or a key that will not do. */
export async function openUpstream(options: UpstreamOptions, tell: Tell): Promise<Upstream> {
  const { model, base_url, call_timeout_ms: timeout_ms } = options;
  const open = options.openProvider ?? (await import("./provider/provider.ts")).openProvider;
  const address = base_url === undefined ? {} : { base_url };
  const provider = await open({ model, ...address, options: options.options, timeout_ms });
  const prices = options.prices ?? (await openPrices({ file: options.prices_file }));
  return new Upstream({ provider, prices, options, tell });
}

type Parts = {
  readonly provider: Provider;
  readonly prices: Prices;
  readonly options: UpstreamOptions;
  readonly tell: Tell;
};
type Tried = {
  readonly raw: RawAnswer;
  readonly latency_ms: number;
  readonly cost_usd: number | null;
};

export class Upstream {
  private readonly parts: Parts;
  private readonly clock: Clock;
  readonly turns: Turns;
  private readonly outage = new Outage();

  constructor(parts: Parts) {
    const { options, tell } = parts;
    this.parts = parts;
    this.clock = options.clock ?? REAL_CLOCK;
    this.turns = options.turns ?? turnsFor(options, tell);
  }

  /** Where the prices are from. */
  get prices(): string {
    return this.parts.prices.source;
  }

  get price_known(): boolean {
    const { provider, prices } = this.parts;
    return provider.tells_cost === true || isPriced(prices, provider);
  }

  readonly state = (): GatewayState => ({
    provider: this.parts.provider.provider_id,
    ...this.turns.state(),
  });

  /** One call with its retries. Throws Faults, and the signal's reason on abort. */
  readonly ask: Ask = async (request, signal, watch, sends) => {
    const waiting = AbortSignal.any([signal, this.turns.stopping]);
    const began = this.clock.now();
    const attempt = async (): Promise<Tried> => {
      watch.waits("turn");
      using turn = await this.take(waiting);
      watch.asks();
      try {
        // Awaited here, and failures noted here: the turn must not pass on before.
        return await this.tryOnce(request, { signal, turn, sends });
      } catch (error) {
        if (error instanceof ProviderError) watch.waits("failure");
        throw this.noteFailure(error, turn);
      }
    };
    const { clock, outage } = this;
    const { value, retries } = await withRetries(attempt, {
      ...{ clock, outage, signal: waiting, on_retry: this.noteRetry },
      provider: this.parts.provider.provider_id,
      max_outage_ms: this.parts.options.max_outage_ms,
    });
    const waited_ms = Math.max(0, Math.round(this.clock.now() - began - value.latency_ms));
    return paid(value, { retries, waited_ms });
  };

  private async take(signal: AbortSignal): Promise<Turn> {
    try {
      return await this.turns.take(signal);
    } catch (error) {
      throw stopsRun(error) ? this.turns.stop(error) : error;
    }
  }

  private async tryOnce(
    request: SealedRequest,
    { signal, turn, sends }: { signal: AbortSignal; turn: Turn; sends: Sends | undefined },
  ): Promise<Tried> {
    signal.throwIfAborted();
    const began = this.clock.now();
    sends?.sent();
    try {
      const raw = await this.parts.provider.call(openSeal(request), signal);
      const latency_ms = Math.round(this.clock.now() - began);
      return { raw, latency_ms, cost_usd: this.pay(raw, turn) };
    } catch (error) {
      const may_have_cost = mayHaveCost(error);
      if (may_have_cost) turn.lost();
      sends?.failed(may_have_cost);
      throw error;
    }
  }

  private pay({ cost_usd, usage }: RawAnswer, turn: Turn): number | null {
    const { provider, prices } = this.parts;
    const { provider_id, model_id } = provider;
    const cost = cost_usd ?? (usage && prices.cost(provider_id, model_id, usage));
    turn.paid(cost);
    if (cost === null) this.refuseLimits();
    return cost;
  }

  /** What is to be thrown for this failure, after those who wait have been slowed down or stopped by it. */
  private noteFailure(error: unknown, turn: Turn): unknown {
    if (isRefusal(error)) turn.refused(pauseAsked(error));
    const { provider_id } = this.parts.provider;
    const fault = error instanceof ProviderError ? faultAtOnce(error, provider_id) : error;
    return stopsRun(fault) ? this.turns.stop(fault) : error;
  }

  private readonly noteRetry: Parameters<typeof withRetries>[1]["on_retry"] = (
    failure,
    wait_ms,
  ) => {
    this.turns.retried(isRefusal(failure) ? failure : undefined);
    this.parts.tell({ kind: "retry", failure: failure.kind, message: failure.message, wait_ms });
  };

  /** A call whose cost is unknown ends a run that must keep a limit in dollars, as an unknown price does at its start. */
  private refuseLimits(): void {
    const { options, provider } = this.parts;
    const { limit_usd } = this.turns;
    if (limit_usd === null && (options.max_cost_usd ?? null) === null) return;
    const flag = limit_usd === null ? "--max-cost" : "--budget";
    const message = `the cost of an answer of ${provider.provider_id}/${provider.model_id} is unknown, so ${flag} cannot be kept`;
    this.turns.stop(
      new Fault("budget_reached", message, {
        hint: "have the server report usage in its streams, name the model in a price file (--prices), or omit the limit",
      }),
    );
  }
}

function stopsRun(error: unknown): error is Fault {
  return error instanceof Fault && faultRow(error.code).stops_run === true;
}

type Ended = { readonly retries: number; readonly waited_ms: number };

function paid({ raw, latency_ms, cost_usd }: Tried, { retries, waited_ms }: Ended): Paid {
  const { usage, response_model, text, tool_calls, stop_reason, opaque } = raw;
  const answer = { text, tool_calls, stop_reason, ...(opaque === undefined ? {} : { opaque }) };
  const answered = {
    answer,
    usage: usage ?? NO_USAGE,
    ...(usage === null ? { usage_known: false as const } : {}),
    ...{ cost_usd, latency_ms, retries, source: "provider" as const, response_model },
  };
  return { answered, paid_usd: cost_usd, waited_ms };
}
