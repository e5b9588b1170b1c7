// Owns a gateway whose calls are made by other processes: it says who may call, keeps the money, and knows kept answers.
import { UsageError } from "../core/fault.ts";
import { serverOf } from "../core/host.ts";
import type { Cache } from "./cache.ts";
import type { GatewayEvent, GatewayOptions, GatewayState } from "./gateway-options.ts";
import { modelParts } from "./names.ts";
import { isPriced, openPrices } from "./prices.ts";
import { REAL_CLOCK } from "./retry.ts";
import { openTurns, type Turns } from "./turns.ts";

/** What processes need that make the calls of a gateway. */
export type Elsewhere = {
  readonly options: GatewayOptions;
  readonly turns: Turns;
  readonly cache: Cache | undefined;
};

type Tell = (event: GatewayEvent) => void;
type Limited = GatewayOptions & { readonly concurrency: number };

/** Who may call, at which prices, and what is kept of answers; the calls are made by others. */
export async function openElsewhere(
  options: Limited,
  { tell, cache }: { readonly tell: Tell; readonly cache: Cache | undefined },
) {
  const { provider, model } = modelParts(options.model);
  const prices = options.prices ?? (await openPrices({ file: options.prices_file }));
  const { loadFamily } = await import("./provider/registry.ts");
  const price_known =
    (await loadFamily(provider)).cost !== undefined ||
    isPriced(prices, { provider_id: provider, model_id: model });
  if (!price_known) refuseLimits(options);
  const turns = turnsFor(options, tell);
  return {
    state: (): GatewayState => ({ provider, ...turns.state() }),
    ...{
      price_known,
      prices: prices.source,
      server: serverOf({ model, base_url: options.base_url ?? null }),
    },
    tell,
    elsewhere: { options, turns, cache } satisfies Elsewhere,
  };
}

/** Throws UsageError for a limit in dollars where the cost of a call is unknown. */
export function refuseLimits({ model, budget, max_cost_usd }: GatewayOptions): void {
  const limits = [
    { limit: budget?.limit_usd ?? null, flag: "--budget", instead: "omit --budget" },
    { limit: max_cost_usd ?? null, flag: "--max-cost", instead: "give --max-cost none" },
  ];
  const kept = limits.find(({ limit }) => limit !== null);
  if (kept !== undefined)
    throw new UsageError(
      `the price of ${model} is unknown, so ${kept.flag} cannot be kept: name it in a price file (--prices), or ${kept.instead}`,
    );
}

/** The turns of a gateway that has them to itself. */
export function turnsFor(options: Limited, tell: Tell): Turns {
  return openTurns({
    ...{ concurrency: options.concurrency, clock: options.clock ?? REAL_CLOCK },
    budget: options.budget,
    on_limit: (limit) => tell({ kind: "limit", limit }),
    on_stop: (fault) => tell({ kind: "stopped", fault }),
  });
}
