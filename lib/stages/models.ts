// Owns what agents talk to: a run's connection to its model with its budget, and the room for their messages.
import { join } from "node:path";
import type { ModelLoad } from "../../db/schema.ts";
import type { RunConfig } from "../attempt/config.ts";
import { noteStep } from "../attempt/followed.ts";
import { ownServer } from "../core/host.ts";
import { placesOf } from "../engine/places.ts";
import { type Budget, openBudget, type Spending } from "../model/budget.ts";
import type { Gateway } from "../model/gateway.ts";
import type { GatewayState, KeptAs } from "../model/gateway-options.ts";
import { tokensOf } from "../model/model.ts";
import { openMailroom } from "../team/mailroom.ts";
import { checkRedisServer } from "../team/redis-check.ts";
import type { Mailroom } from "../team/room.ts";
import type { Work } from "../work/work.ts";
import type { RunOptions } from "./run-options.ts";

const CALL_TIMEOUT_MS = 10 * 60_000;

type Around = RunOptions & { readonly work: Work; readonly budget?: Budget | undefined };

/** The connection to the run's model, its tokens counted as this process's work; undefined if its agent asks none. */
export async function openModels(
  options: Around,
  { name, config }: { readonly name: string; readonly config: RunConfig },
): Promise<Gateway | undefined> {
  const { ledger, log_dir } = placesOf(options);
  const { model, base_url, agent_config, replay_of } = config;
  if (model === null) return undefined;
  const { openGateway } = await import("../model/gateway.ts");
  const { work, budget_usd = null } = options;
  const budget = options.budget ?? sharedBudget({ ledger, work, runs: [name], budget_usd });
  return await openGateway({
    model,
    base_url: base_url ?? undefined,
    options: agent_config?.model ?? {},
    prices_file: options.prices_file,
    budget,
    max_cost_usd: config.max_cost_usd,
    cache_dir: config.cache ? join(log_dir, ".cache", "answers") : undefined,
    kept_as: config.cache ? keptAs(ledger, { name, config }) : undefined,
    replay: replay_of === null ? undefined : { log_dir, run: replay_of },
    ...(options.model_calls === undefined ? {} : { concurrency: options.model_calls }),
    max_outage_ms: options.max_outage_ms,
    call_timeout_ms: CALL_TIMEOUT_MS,
    called_elsewhere: options.place?.send !== undefined,
    on_event(event) {
      if (event.kind === "call") work.count(tokensOf(event.call));
      if (event.kind === "tokens") work.count(event.tokens);
      if (event.kind === "step") {
        const { attempt_key, agent_id } = event.caller;
        noteStep(log_dir, attempt_key, { ...event.step, agent_id });
      }
      options.on_event?.(event);
    },
  });
}

type Made = { readonly name: string; readonly config: RunConfig };

/**
 * The address that the run's answers are kept under: its first server's, which runs of the same model reached at these
 * addresses.
 */
function keptAs(ledger: RunOptions["ledger"], { name, config }: Made): KeptAs {
  const known = ledger.runs.find(name)?.config.base_url;
  const base_url = typeof known === "string" ? known : config.base_url;
  const own = ownServer({ ...config, base_url });
  const earlier = ledger.runs.all().flatMap(({ model, config: { base_url: address } }) => {
    if (model !== config.model || typeof address !== "string") return [];
    return ownServer({ model, base_url: address }) === own ? [address] : [];
  });
  return { base_url, earlier: [...new Set(earlier)] };
}

/**
 * The budget of runs that several processes may work on: at every heartbeat what all of them spent, stored or under
 * way, is counted anew.
 */
export function sharedBudget(options: {
  readonly ledger: RunOptions["ledger"];
  readonly work: Work;
  readonly runs: readonly string[];
  readonly budget_usd: number | null;
}): Budget {
  const { ledger, work, runs, budget_usd } = options;
  const spent = (): Spending => {
    const [over, open] = [ledger.runs.spent(...runs), ledger.work.open(runs)];
    return {
      usd: over.usd + open.usd,
      unpriced: over.unpriced + open.unpriced,
      cut_off: over.cut_off + open.cut_off,
      dearest_usd: 0,
    };
  };
  const dearest_usd = ledger.runs.dearest_usd(...runs);
  const budget = openBudget({ budget_usd, spent: { ...spent(), dearest_usd } });
  if (budget_usd !== null) work.onBeat(() => budget.rebase(spent()));
  return budget;
}

/** A gateway's state, as watchers see it. */
export function modelLoad(model: string, state: GatewayState): ModelLoad {
  const { in_flight, limit, retries, last_rate_limit } = state;
  return { model, in_flight, limit, retries, last_rate_limit_at: last_rate_limit?.at ?? null };
}

/** In this process, or over Redis; where others make the attempts, they have rooms of their own. */
export async function openMessages({ redis, signal, place }: RunOptions): Promise<Mailroom> {
  if (redis === undefined || place?.send !== undefined)
    return await openMailroom({ kind: "memory" });
  const url = redis === "auto" ? undefined : redis;
  // What no attempt could do there is refused before the first attempt begins.
  if (url !== undefined) await checkRedisServer(url);
  return await openMailroom({ kind: "redis", url, signal });
}
