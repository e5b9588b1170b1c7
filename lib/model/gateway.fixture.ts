// Owns providers for tests of the gateway: scripts instead of servers, and time that passes by itself.
import { join } from "node:path";
import { openGateway } from "./gateway.ts";
import type { GatewayEvent, GatewayOptions } from "./gateway-options.ts";
import { type Caller, type ModelRequest, NO_USAGE } from "./model.ts";
import type { Prices } from "./prices.ts";
import type { RawAnswer } from "./provider/contract.ts";
import { type FailureKind, ProviderError } from "./provider/error.ts";
import type { Clock } from "./retry.ts";

export const never = new AbortController().signal;

/** Milliseconds that pass as soon as nothing else is to be done; `slept` has every sleep that was begun. */
export function fastClock(random = 1): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  const sleepers = new Set<{ at: number; wake: () => void }>();
  let now = 0;
  const pass = () => {
    const next = [...sleepers].sort((left, right) => left.at - right.at)[0];
    if (next === undefined) return;
    sleepers.delete(next);
    now = Math.max(now, next.at);
    next.wake();
  };
  return {
    slept,
    now: () => now,
    random: () => random,
    sleep(duration_ms, signal) {
      signal.throwIfAborted();
      slept.push(duration_ms);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { at: now + duration_ms, wake: resolve };
      sleepers.add(sleeper);
      signal.addEventListener("abort", () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      });
      // Not setImmediate: what runs tests in parallel processes lets that wait for half a second.
      setTimeout(pass);
      return promise;
    },
  };
}

/** What a scripted provider does at its n-th request (from 1): parts of an answer, or it throws. */
export type Script = (
  request: ModelRequest,
  n: number,
  signal: AbortSignal,
) => Partial<RawAnswer> | Promise<Partial<RawAnswer>>;

export const failure = (
  kind: FailureKind,
  more: { retry_after_ms?: number; message?: string } = {},
) => new ProviderError({ kind, message: "words", status: 418, ...more });

/** A dollar for a thousand tokens of output; models named "…-unpriced" have no price. */
export const PRICES: Prices = {
  source: "test",
  cost: (_provider, model, usage) =>
    model.endsWith("-unpriced") ? null : usage.output_tokens / 1000,
};

/** A gateway to a scripted provider; `asked` are the requests that reached it, `most` how many it had at once. */
export async function scriptedGateway(script: Script, options: Partial<GatewayOptions> = {}) {
  const clock = fastClock();
  const asked: ModelRequest[] = [];
  const events: GatewayEvent[] = [];
  const load = { now: 0, most: 0 };
  const gateway = await openGateway({
    model: "anthropic/some",
    options: {},
    prices: PRICES,
    call_timeout_ms: 60_000,
    clock,
    on_event: (event) => events.push(event),
    openProvider: async ({ model }) => ({
      provider_id: "anthropic",
      model_id: model.slice("anthropic/".length),
      async call(request, signal) {
        asked.push({ ...request, turns: [...request.turns] });
        load.most = Math.max(load.most, ++load.now);
        try {
          return rawAnswer(await script(request, asked.length, signal));
        } finally {
          load.now--;
        }
      },
    }),
    ...options,
  });
  return { gateway, clock, asked, events, load };
}

export function rawAnswer(fields: Partial<RawAnswer>): RawAnswer {
  return {
    text: "",
    tool_calls: [],
    stop_reason: "stop",
    usage: NO_USAGE,
    response_model: null,
    ...fields,
  };
}

/** agent1 of the first try in the demo's pair 1, 2, unless said otherwise. */
export function callerOf(fields: Partial<Caller> = {}): Caller {
  return {
    attempt_key: "first/demo_task/task1/features_1_2",
    task_dir: join(import.meta.dir, "../../dataset/demo_task/task1"),
    setting: "coop",
    features: [1, 2],
    agent_id: "agent1",
    ...fields,
  };
}

/** A first request: one turn with this text. */
export const ask = (content: string, fields: Partial<ModelRequest> = {}): ModelRequest => ({
  turns: [{ role: "user", content }],
  tools: [],
  purpose: "step",
  ...fields,
});
