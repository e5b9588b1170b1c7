// Owns how the way to a model travels: what it is asked with, without a key; turns, money and kept answers stay with the sender.
import { z } from "zod";
import type { Gateway } from "../model/gateway.ts";
import type { GatewayEvent, GatewayOptions } from "../model/gateway-options.ts";
import type { ModelOptions } from "../model/model.ts";
import { tokensOf } from "../model/model.ts";
import { textOf } from "../model/prices.ts";
import { withoutPassword, withPassword } from "./address.ts";
import type { Told } from "./asking.ts";
import type { Site } from "./errand.ts";
import { type Asking, farCache, farTurns, openAsking } from "./far-turns.ts";

/** US dollars and milliseconds; null: none. */
export const carriedGateway = z.object({
  model: z.string(),
  base_url: z.string().nullable(),
  options: z.custom<ModelOptions>((value) => typeof value === "object" && value !== null),
  /** Whether calls of a provider are made: recordings answer otherwise. */
  calls: z.boolean(),
  prices_file: z.object({ path: z.string(), text: z.string() }).nullable(),
  budget_usd: z.number().nullable(),
  max_cost_usd: z.number().nullable(),
  cache: z.boolean(),
  kept_as: z.object({ base_url: z.string().nullable(), earlier: z.array(z.string()) }).nullable(),
  max_outage_ms: z.number().nullable(),
  call_timeout_ms: z.number(),
});
export type CarriedGateway = z.infer<typeof carriedGateway>;
type Asked = Pick<GatewayOptions, "model" | "options" | "call_timeout_ms"> & {
  readonly base_url: string | null;
};

/** What the model is asked with; the gateway says how, where it makes calls. */
export function carryGateway(gateway: Gateway, asked: Asked): CarriedGateway {
  const { elsewhere } = gateway;
  const { prices_file, kept_as, max_cost_usd, max_outage_ms } = elsewhere?.options ?? {};
  return {
    ...asked,
    base_url: asked.base_url === null ? null : withoutPassword(asked.base_url),
    calls: elsewhere !== undefined,
    prices_file: prices_file === undefined ? null : textOf(prices_file),
    budget_usd: elsewhere?.turns.limit_usd ?? null,
    max_cost_usd: max_cost_usd ?? null,
    cache: elsewhere?.cache !== undefined,
    kept_as: kept_as === undefined ? null : { ...kept_as, earlier: [...kept_as.earlier] },
    max_outage_ms: max_outage_ms ?? null,
  };
}

export type FarGateway = { readonly gateway: Gateway; readonly asking: Asking };

/**
 * The way to the model from the performer, with the keys of its own environment. Throws UsageError for a missing key, Fault
 * `model_auth` for a server whose password is not known there.
 */
export async function gatewayHere(
  site: Pick<Site, "ask">,
  carried: CarriedGateway,
  replay?: GatewayOptions["replay"],
): Promise<FarGateway> {
  const { calls, base_url, kept_as, cache, prices_file, max_outage_ms } = carried;
  const asking = openAsking(site);
  const { openGateway } = await import("../model/gateway.ts");
  const gateway = await openGateway({
    ...{ model: carried.model, options: carried.options, call_timeout_ms: carried.call_timeout_ms },
    base_url: base_url === null ? undefined : withPassword(base_url, "model_auth"),
    prices_file: prices_file ?? undefined,
    max_cost_usd: carried.max_cost_usd,
    max_outage_ms: max_outage_ms ?? undefined,
    kept_as: kept_as ?? undefined,
    cache: cache ? farCache(asking) : undefined,
    turns: calls ? farTurns(asking, carried.budget_usd) : undefined,
    replay,
    on_event(event) {
      const one = toldOf(event);
      if (one !== undefined) asking.tell(one);
    },
  });
  return { gateway, asking };
}

/** What the sender's process tells people, or counts. */
function toldOf(event: GatewayEvent): Told | undefined {
  if (event.kind === "call") return { kind: "tokens", tokens: tokensOf(event.call) };
  if (event.kind === "retry") return event;
  if (event.kind === "step") {
    const { attempt_key, agent_id } = event.caller;
    return { kind: event.kind, attempt_key, agent_id, step: event.step };
  }
  if (event.kind === "cut prompt") {
    const { attempt_key, agent_id } = event.caller;
    return { kind: event.kind, attempt_key, agent_id, window_tokens: event.window_tokens };
  }
  if (event.kind !== "divergence") return undefined;
  return { kind: event.kind, attempt_key: event.caller.attempt_key, ...event.divergence };
}
