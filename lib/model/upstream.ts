// Owns the way up to one provider: every call of a run goes through its throttle, its retries and its budget.
import { asFault, Fault, faultRow } from "../core/fault.ts";
import { type Budget, openBudget } from "./budget.ts";
import type { GatewayEvent, GatewayOptions, GatewayState } from "./gateway-options.ts";
import type { Ask, Paid, Sends } from "./metered.ts";
import { NO_USAGE } from "./model.ts";
import { Outage } from "./outage.ts";
import { openPrices, type Prices } from "./prices.ts";
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
import { type Slot, Throttle } from "./throttle.ts";

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
type Tried = { readonly raw: RawAnswer; readonly latency_ms: number };

export class Upstream {
  private readonly parts: Parts;
  private readonly clock: Clock;
  private readonly throttle: Throttle;
  private readonly budget: Budget;
  private readonly outage = new Outage();
  private readonly stop = new AbortController();
  private retries = 0;
  private last_rate_limit: GatewayState["last_rate_limit"] = null;
  private stopped: Fault | undefined;

  constructor(parts: Parts) {
    const { options, tell } = parts;
    this.parts = parts;
    this.clock = options.clock ?? REAL_CLOCK;
    this.budget = options.budget ?? openBudget({ budget_usd: null, spent: {} });
    this.throttle = new Throttle({
      concurrency: options.concurrency,
      clock: this.clock,
      on_limit: (limit) => tell({ kind: "limit", limit }),
    });
  }

  /** Why no later call can succeed: what stopped the run, or money that others have spent meanwhile. */
  check(): Fault | undefined {
    try {
      if (this.stopped === undefined) this.budget.admit();
    } catch (error) {
      return this.stopWith(asFault(error));
    }
    return this.stopped;
  }

  /** Where the prices are from. */
  get prices(): string {
    return this.parts.prices.source;
  }

  get price_known(): boolean {
    const { provider, prices } = this.parts;
    if (provider.tells_cost === true) return true;
    const some = { ...NO_USAGE, input_tokens: 1, output_tokens: 1 };
    return prices.cost(provider.provider_id, provider.model_id, some) !== null;
  }

  readonly state = (): GatewayState => ({
    provider: this.parts.provider.provider_id,
    in_flight: this.throttle.in_flight,
    limit: this.throttle.limit,
    retries: this.retries,
    spent_usd: this.budget.spent_usd,
    unknown_price_calls: this.budget.unknown_price_calls,
    last_rate_limit: this.last_rate_limit,
  });

  /** One call with its retries. Throws Faults, and the signal's reason on abort. */
  readonly ask: Ask = async (request, signal, watch, sends) => {
    // Whoever waits is told at once when the run stops; calls under way are paid for and may finish.
    const waiting = AbortSignal.any([signal, this.stop.signal]);
    const began = this.clock.now();
    const attempt = async (): Promise<Tried> => {
      watch.waits("turn");
      using slot = await this.throttle.acquire(waiting);
      watch.asks();
      try {
        this.budget.admit();
        // Awaited here, and failures noted here: the slot must not pass on before.
        return await this.tryOnce(request, { signal, slot, sends });
      } catch (error) {
        if (error instanceof ProviderError) watch.waits("failure");
        throw this.noteFailure(error, slot);
      }
    };
    const { clock, outage } = this;
    const { value, retries } = await withRetries(attempt, {
      ...{ clock, outage, signal: waiting, on_retry: this.noteRetry },
      provider: this.parts.provider.provider_id,
      max_outage_ms: this.parts.options.max_outage_ms,
    });
    const waited_ms = Math.max(0, Math.round(this.clock.now() - began - value.latency_ms));
    return this.paid(value, { retries, waited_ms });
  };

  private async tryOnce(
    request: SealedRequest,
    { signal, slot, sends }: { signal: AbortSignal; slot: Slot; sends: Sends | undefined },
  ): Promise<Tried> {
    signal.throwIfAborted();
    const began = this.clock.now();
    sends?.sent();
    try {
      const raw = await this.parts.provider.call(openSeal(request), signal);
      slot.succeeded();
      return { raw, latency_ms: Math.round(this.clock.now() - began) };
    } catch (error) {
      const may_have_cost = mayHaveCost(error);
      if (may_have_cost) this.budget.lose(1);
      sends?.failed(may_have_cost);
      throw error;
    }
  }

  /** What is to be thrown for this failure, after those who wait have been slowed down or stopped by it. */
  private noteFailure(error: unknown, slot: Slot): unknown {
    if (isRefusal(error)) slot.refused(pauseAsked(error));
    const { provider_id } = this.parts.provider;
    const fault = error instanceof ProviderError ? faultAtOnce(error, provider_id) : error;
    const stops = fault instanceof Fault && faultRow(fault.code).stops_run === true;
    return stops ? this.stopWith(fault) : error;
  }

  private readonly noteRetry: Parameters<typeof withRetries>[1]["on_retry"] = (
    failure,
    wait_ms,
  ) => {
    this.retries++;
    if (isRefusal(failure))
      this.last_rate_limit = {
        at: new Date().toISOString(),
        retry_after_ms: failure.retry_after_ms,
      };
    this.parts.tell({ kind: "retry", failure: failure.kind, message: failure.message, wait_ms });
  };

  private paid(
    { raw, latency_ms }: Tried,
    { retries, waited_ms }: { retries: number; waited_ms: number },
  ): Paid {
    const { provider, prices } = this.parts;
    const { provider_id, model_id } = provider;
    const { usage, response_model, text, tool_calls, stop_reason, opaque } = raw;
    const cost_usd = raw.cost_usd ?? (usage && prices.cost(provider_id, model_id, usage));
    this.budget.add(cost_usd);
    if (cost_usd === null) this.refuseLimits();
    const answer = { text, tool_calls, stop_reason, ...(opaque === undefined ? {} : { opaque }) };
    const source = "provider";
    const answered = {
      answer,
      usage: usage ?? NO_USAGE,
      ...(usage === null ? { usage_known: false as const } : {}),
      cost_usd,
      latency_ms,
      retries,
      source,
      response_model,
    } as const;
    return { answered, paid_usd: cost_usd, waited_ms };
  }

  /** A call whose cost nobody knows ends a run that must keep a limit in dollars, as an unknown price does at its start. */
  private refuseLimits(): void {
    const { options, provider } = this.parts;
    if (this.budget.limit_usd === null && (options.max_cost_usd ?? null) === null) return;
    const flag = this.budget.limit_usd === null ? "--max-cost" : "--budget";
    const message = `the cost of an answer of ${provider.provider_id}/${provider.model_id} is unknown, so ${flag} cannot be kept`;
    this.stopWith(
      new Fault("budget_reached", message, {
        hint: "have the server report usage in its streams, name the model in a price file (--prices), or omit the limit",
      }),
    );
  }

  /** The first reason is the reason. */
  private stopWith(fault: Fault): Fault {
    if (this.stopped !== undefined) return this.stopped;
    this.stopped = fault;
    this.stop.abort(fault);
    this.parts.tell({ kind: "stopped", fault });
    return fault;
  }
}
