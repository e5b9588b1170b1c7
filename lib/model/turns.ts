// Owns who may call a provider now: a turn and the money for every call, and the reason why nobody may any longer.
import { asFault, type Fault } from "../core/fault.ts";
import { type Budget, openBudget } from "./budget.ts";
import type { Clock } from "./retry.ts";
import { Throttle } from "./throttle.ts";

/** The right to have one call under way; disposing of it lets the next one in. */
export type Turn = Disposable & {
  /** It was answered, at this cost in US dollars; null: unknown. */
  readonly paid: (cost_usd: number | null) => void;
  /** It ended without an answer, and may have cost something all the same. */
  readonly lost: () => void;
  /** The provider refused for its load. Nobody is let in before `hold_ms` are over. */
  readonly refused: (hold_ms: number) => void;
};

export type Turns = {
  /**
   * Waits for a turn, first come first served. Throws Fault `budget_reached` when no money is left, the reason why nobody may
   * call any longer, and the signal's on abort.
   */
  readonly take: (signal: AbortSignal) => Promise<Turn>;
  /** Aborted, with the reason, once nobody may call any longer. */
  readonly stopping: AbortSignal;
  /** Nobody may call any longer; the first reason is the reason, and is returned. */
  readonly stop: (fault: Fault) => Fault;
  /** Why no later call can succeed: what stopped the run, or money that others have spent meanwhile. */
  readonly stopped: () => Fault | undefined;
  /** A failed call will be tried again; a refusal for load says how long it asked to be left alone. */
  readonly retried: (refusal?: { readonly retry_after_ms: number | null }) => void;
  /** US dollars that may be spent; null: no limit. */
  readonly limit_usd: number | null;
  readonly state: () => TurnsState;
};

export type TurnsState = {
  readonly in_flight: number;
  readonly limit: number;
  readonly retries: number;
  readonly spent_usd: number;
  readonly unknown_price_calls: number;
  readonly last_rate_limit: { readonly at: string; readonly retry_after_ms: number | null } | null;
};

export type TurnsOptions = {
  /** The most calls at a time, at least 1. */
  readonly concurrency: number;
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Without limit when absent. */
  readonly budget?: Budget | undefined;
  readonly on_limit?: (limit: number) => void;
  readonly on_stop?: (fault: Fault) => void;
};

/** Turns of this process. */
export function openTurns(options: TurnsOptions): Turns {
  const { budget = openBudget({ budget_usd: null, spent: {} }) } = options;
  const throttle = new Throttle(options);
  const stopping = new AbortController();
  let stopped: Fault | undefined;
  let [retries, last_rate_limit]: [number, TurnsState["last_rate_limit"]] = [0, null];
  const stop = (fault: Fault) => {
    if (stopped !== undefined) return stopped;
    stopped = fault;
    stopping.abort(fault);
    options.on_stop?.(fault);
    return fault;
  };
  return {
    async take(signal) {
      // Whoever waits is told at once when the run stops; calls under way are paid for and may finish.
      const slot = await throttle.acquire(AbortSignal.any([signal, stopping.signal]));
      try {
        budget.admit();
      } catch (error) {
        slot[Symbol.dispose]();
        throw error;
      }
      return {
        paid(cost_usd) {
          slot.succeeded();
          budget.add(cost_usd);
        },
        lost: () => budget.lose(1),
        refused: slot.refused,
        [Symbol.dispose]: slot[Symbol.dispose],
      };
    },
    stopping: stopping.signal,
    stop,
    stopped() {
      try {
        if (stopped === undefined) budget.admit();
      } catch (error) {
        return stop(asFault(error));
      }
      return stopped;
    },
    retried(refusal) {
      retries++;
      if (refusal !== undefined)
        last_rate_limit = { at: new Date().toISOString(), retry_after_ms: refusal.retry_after_ms };
    },
    limit_usd: budget.limit_usd,
    state: () => ({
      ...{ in_flight: throttle.in_flight, limit: throttle.limit, retries, last_rate_limit },
      spent_usd: budget.spent_usd,
      unknown_price_calls: budget.unknown_price_calls,
    }),
  };
}
