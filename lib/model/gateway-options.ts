// Owns a gateway's options and the events it reports.
import type { Fault } from "../core/fault.ts";
import type { Budget } from "./budget.ts";
import type { Cache } from "./cache.ts";
import type { FollowedStep } from "./followed.ts";
import type { UnnumberedCall } from "./kept-calls.ts";
import type { Caller, ModelOptions } from "./model.ts";
import type { Prices, PriceText } from "./prices.ts";
import type { FailureKind } from "./provider/error.ts";
import type { openProvider } from "./provider/provider.ts";
import type { Divergence } from "./replay.ts";
import type { Clock } from "./retry.ts";
import type { Turns, TurnsState } from "./turns.ts";

export type GatewayOptions = {
  /** `anthropic/NAME`, …, or `replay/NAME`. */
  readonly model: string;
  readonly base_url?: string | undefined;
  readonly options: ModelOptions;
  /** Opened prices; else the table's, with `prices_file` over them. */
  readonly prices?: Prices | undefined;
  readonly prices_file?: string | PriceText | undefined;
  /** The money that the run's calls may cost; without limit when absent. */
  readonly budget?: Budget | undefined;
  /** Who may call, and the money for it, where that is decided elsewhere; of this gateway alone when absent. */
  readonly turns?: Turns | undefined;
  /** Its calls are made by other processes, with keys of their own: it only says who may call. */
  readonly called_elsewhere?: boolean | undefined;
  /** US dollars one agent may cost. The agent keeps this limit itself; the gateway says whether it can. */
  readonly max_cost_usd?: number | null | undefined;
  /** Answers of identical requests are kept here, or in `cache`. Undefined: no cache. */
  readonly cache_dir?: string | undefined;
  readonly cache?: Cache | undefined;
  /** The server whose answers these are to count as, and what it was once reached at; that of `base_url` when absent. */
  readonly kept_as?: KeptAs | undefined;
  /** Answers come from this run's recordings. */
  readonly replay?: { readonly log_dir: string; readonly run: string } | undefined;
  /** The most calls at a time. */
  readonly concurrency?: number;
  /** Milliseconds that a call waits for a provider that is out, in one go; the setting's default when absent. */
  readonly max_outage_ms?: number | undefined;
  readonly call_timeout_ms: number;
  readonly on_event?: ((event: GatewayEvent) => void) | undefined;
  readonly openProvider?: typeof openProvider;
  readonly clock?: Clock;
};

/** A run's server by its first address, and all addresses that answers of the same server were kept under. */
export type KeptAs = { readonly base_url: string | null; readonly earlier: readonly string[] };

/** What happens inside, for progress lines and logs. */
export type GatewayEvent =
  | { readonly kind: "call"; readonly caller: Caller; readonly call: UnnumberedCall }
  | { readonly kind: "step"; readonly caller: Caller; readonly step: FollowedStep }
  | { readonly kind: "divergence"; readonly caller: Caller; readonly divergence: Divergence }
  | {
      readonly kind: "retry";
      readonly failure: FailureKind;
      /** One line, with the provider's own words. */
      readonly message: string;
      readonly wait_ms: number;
    }
  /** Of a call that another process made. */
  | { readonly kind: "tokens"; readonly tokens: number }
  | { readonly kind: "limit"; readonly limit: number }
  | { readonly kind: "cut prompt"; readonly caller: Caller; readonly window_tokens: number }
  | { readonly kind: "damaged cache file"; readonly path: string }
  | { readonly kind: "stopped"; readonly fault: Fault };

/** The present, for progress lines; no provider when a recording answers. */
export type GatewayState = TurnsState & { readonly provider: string | null };
