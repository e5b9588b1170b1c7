// Owns asking again: which failures of a provider pass, how long to wait for it, and the Fault when they do not.
import { defaultValue } from "../config/settings.ts";
import { type CallEnd, callRow } from "../core/ends.ts";
import { Fault } from "../core/fault.ts";
import { redact } from "../core/redact.ts";
import { Outage } from "./outage.ts";
import { ProviderError } from "./provider/error.ts";

/** Time, sleep and chance, so that tests need not wait. Milliseconds; `random` is in [0, 1). */
export type Clock = {
  readonly now: () => number;
  /** Throws the signal's reason on abort. */
  readonly sleep: (duration_ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
};
export const REAL_CLOCK: Clock = { now: () => performance.now(), sleep, random: Math.random };

/** Waits double from `first_ms` to `longest_ms`. */
const WAITS = {
  "a few times": { first_ms: 1_000, longest_ms: 60_000 },
  "through an outage": { first_ms: 2_000, longest_ms: 120_000 },
} as const;
/** Of the failures that are a request's own trouble, one call bears so many, and so many milliseconds because of them. */
const FEW = { failures: 8, slept_ms: 600_000 } as const;
/** Longer than that, one call's wish is not everybody's. */
const LONGEST_PAUSE_MS = 600_000;
/** Callers that were told the same time should not all come back in the same moment. */
const SPREAD_MS = 1_000;

type Passing = keyof typeof WAITS;
type Tally = Record<Passing, { failures: number; slept_ms: number }>;

export type RetryOptions = {
  readonly provider: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long a call waits in one go for a provider that is out, milliseconds; the setting's default when absent. */
  readonly max_outage_ms?: number | undefined;
  /** The provider's outage, which all calls know; the call's own when absent. */
  readonly outage?: Outage | undefined;
  readonly on_retry: (failure: ProviderError, wait_ms: number) => void;
};

/** Whether the provider refused for its load: the sort that the throttle answers with fewer calls at a time. */
export function isRefusal(error: unknown): error is ProviderError {
  return (
    error instanceof ProviderError && (error.kind === "rate limit" || error.kind === "overloaded")
  );
}

/** The row of the table of ends that a failure is. */
export function endOf({ kind, status, began }: ProviderError): CallEnd {
  if (kind === "connection" && !began) return "no connection";
  return kind === "server" && isGateways(status) ? "bad gateway" : kind;
}

/** 520 to 530 are those of a network before the server (source: Cloudflare, "5xx errors"). */
function isGateways(status: number | null): boolean {
  return status === 502 || status === 504 || (status !== null && status >= 520 && status <= 530);
}

/** The Fault of a failure that asking again cannot mend: `model_auth`, `model_unusable`, `model_request` or `context_too_long`. */
export function faultAtOnce(failure: ProviderError, provider: string): Fault | undefined {
  const { asked_again, fault, hint } = callRow(endOf(failure));
  if (asked_again !== "never") return undefined;
  return new Fault(fault, `${provider} refuses: ${described(failure)}`, { hint, cause: failure });
}

/** How long a refusal asks everybody to stay away, milliseconds; 0 when it does not, or longer than everybody would. */
export function pauseAsked({ retry_after_ms }: ProviderError): number {
  return retry_after_ms === null || retry_after_ms > LONGEST_PAUSE_MS ? 0 : retry_after_ms;
}

/**
 * Calls `attempt` until it succeeds. Between calls it waits as long as the provider asks (Retry-After), else
 * exponentially longer with full jitter (source: Brooker, "Exponential Backoff And Jitter").
 * Throws the Fault of {@link faultAtOnce} at once, `provider_down` when the outage has lasted too long or the request
 * has failed too often; the signal's reason on abort; whatever else `attempt` throws as it is.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: RetryOptions,
): Promise<{ value: T; retries: number; slept_ms: number }> {
  const { clock, signal, on_retry, outage = new Outage() } = options;
  const max_outage_ms = options.max_outage_ms ?? defaultValue("max_outage_ms");
  const tally: Tally = {
    "a few times": { failures: 0, slept_ms: 0 },
    "through an outage": { failures: 0, slept_ms: 0 },
  };
  const one: Case = { ...options, max_outage_ms, tally, outage, since: undefined };
  for (let retries = 0; ; retries++) {
    try {
      const value = await attempt();
      outage.answered();
      const slept_ms = tally["a few times"].slept_ms + tally["through an outage"].slept_ms;
      return { value, retries, slept_ms };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProviderError)) throw error;
      const wait_ms = nextWait(error, one);
      on_retry(error, wait_ms);
      await clock.sleep(wait_ms, signal);
    }
  }
}

type Case = {
  readonly provider: string;
  readonly tally: Tally;
  readonly clock: Clock;
  readonly max_outage_ms: number;
  readonly outage: Outage;
  /** When this call failed first. */
  since: number | undefined;
};

/** Milliseconds to wait after this failure, which it adds to the tally. Throws the Fault that ends the call. */
function nextWait(failure: ProviderError, one: Case): number {
  const { provider, tally, clock, max_outage_ms, outage } = one;
  const fault = faultAtOnce(failure, provider);
  if (fault !== undefined) throw fault;
  const now = clock.now();
  one.since ??= now;
  const patience = callRow(endOf(failure)).asked_again === "a few times" ? "a few times" : OUT;
  const borne = tally[patience];
  borne.failures++;
  const wanted_ms = wantedWait(failure, { ...WAITS[patience], failures: borne.failures, clock });
  const began = Math.min(one.since, outage.failed(now, now + Math.min(wanted_ms, max_outage_ms)));
  const left_ms = began + max_outage_ms - now;
  if ((failure.retry_after_ms ?? 0) > left_ms) throw down(failure, { ...one, left_ms });
  const wait_ms = Math.min(wanted_ms, left_ms);
  const few = borne.failures >= FEW.failures || borne.slept_ms + wait_ms > FEW.slept_ms;
  if (left_ms <= 0 || (patience !== OUT && few))
    throw down(failure, { ...one, left_ms, failures: borne.failures });
  borne.slept_ms += wait_ms;
  return wait_ms;
}

const OUT = "through an outage" satisfies Passing;

type Waited = {
  readonly first_ms: number;
  readonly longest_ms: number;
  readonly failures: number;
  readonly clock: Clock;
};

/** What the provider asks for, or what is due after so many failures where it asks for no time at all. */
function wantedWait({ retry_after_ms }: ProviderError, waited: Waited): number {
  const { first_ms, longest_ms, failures, clock } = waited;
  const due_ms = clock.random() * Math.min(longest_ms, first_ms * 2 ** (failures - 1));
  if (retry_after_ms === null || retry_after_ms <= 0) return Math.round(due_ms);
  return Math.round(retry_after_ms + clock.random() * SPREAD_MS);
}

type Down = Pick<Case, "provider" | "max_outage_ms"> & {
  readonly left_ms: number;
  readonly failures?: number;
};

/** Equal troubles have equal words, so that they are told once. */
function down(failure: ProviderError, { provider, max_outage_ms, left_ms, failures }: Down): Fault {
  const { fault, hint } = callRow(endOf(failure));
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const asked_ms = failure.retry_after_ms ?? 0;
  const limit = `an outage may last ${seconds(max_outage_ms)} (--max-outage)`;
  const what =
    asked_ms > max_outage_ms
      ? `asks to wait ${seconds(asked_ms)}, and ${limit}`
      : failures !== undefined && left_ms > 0
        ? `failed ${failures} times`
        : `is still down, and ${limit}`;
  return new Fault(fault, `${provider} ${what}: ${described(failure)}`, { hint, cause: failure });
}

function described({ kind, status, message }: ProviderError): string {
  return redact(`${kind}${status === null ? "" : ` (${status})`}: ${message}`);
}

function sleep(duration_ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", giveUp);
    resolve();
  }, duration_ms);
  signal.addEventListener("abort", giveUp, { once: true });
  return promise;
}
