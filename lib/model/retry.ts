// Owns asking again: which failures of a provider pass, how long to wait for it, and the Fault when they do not.
import { Fault } from "../fault.ts";
import { redact } from "../redact.ts";
import { type FailureKind, ProviderError } from "./provider/error.ts";

/** Time, sleep and chance, so that tests need not wait. Milliseconds; `random` is in [0, 1). */
export type Clock = {
  readonly now: () => number;
  /** Throws the signal's reason on abort. */
  readonly sleep: (duration_ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
};
export const REAL_CLOCK: Clock = { now: () => performance.now(), sleep, random: Math.random };

/**
 * `errors` are failed requests; `limits` are refusals for load, which a provider takes back when it has time again.
 * `failures` of the sort and `slept_ms` because of it that one call bears; waits double from `first_ms` to `longest_ms`.
 */
const PATIENCE = {
  errors: { failures: 8, slept_ms: 600_000, first_ms: 1_000, longest_ms: 60_000 },
  limits: { failures: 100, slept_ms: 3_600_000, first_ms: 2_000, longest_ms: 120_000 },
} as const;
const LONGEST_RETRY_AFTER_MS = 600_000;
/** Callers that were told the same time should not all come back in the same moment. */
const SPREAD_MS = 1_000;
const NO_HOPE = [
  "auth",
  "quota",
  "unknown model",
  "no stream",
  "refused",
  "bad request",
  "context length",
] as const;

type Hopeless = (typeof NO_HOPE)[number];
type Tally = Record<keyof typeof PATIENCE, { failures: number; slept_ms: number }>;

export type RetryOptions = {
  readonly provider: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly on_retry: (failure: ProviderError, wait_ms: number) => void;
};

/** Whether the provider refused for its load: the sort that the throttle answers with fewer calls at a time. */
export function isRefusal(error: unknown): error is ProviderError {
  return error instanceof ProviderError && sortOf(error) === "limits";
}

/** The Fault of a failure that asking again cannot mend: `model_auth`, `model_unusable`, `model_request` or `context_too_long`. */
export function faultAtOnce(failure: ProviderError, provider: string): Fault | undefined {
  if (!isHopeless(failure.kind)) return undefined;
  const { code, hint } = HOPELESS[failure.kind];
  return new Fault(code, `${provider} refuses: ${described(failure)}`, { hint, cause: failure });
}

/** How long a refusal asks everybody to stay away, milliseconds; 0 when it does not, or longer than anybody waits. */
export function pauseAsked({ retry_after_ms }: ProviderError): number {
  return retry_after_ms === null || retry_after_ms > LONGEST_RETRY_AFTER_MS ? 0 : retry_after_ms;
}

/**
 * Calls `attempt` until it succeeds. Between calls it waits as long as the provider asks (Retry-After), else
 * exponentially longer with full jitter (source: Brooker, "Exponential Backoff And Jitter").
 * Throws the Fault of {@link faultAtOnce} at once, `provider_down` when patience is over; the signal's reason on abort;
 * whatever else `attempt` throws as it is.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { provider, clock, signal, on_retry }: RetryOptions,
): Promise<{ value: T; retries: number; slept_ms: number }> {
  const tally: Tally = {
    errors: { failures: 0, slept_ms: 0 },
    limits: { failures: 0, slept_ms: 0 },
  };
  for (let retries = 0; ; retries++) {
    try {
      const slept_ms = tally.errors.slept_ms + tally.limits.slept_ms;
      return { value: await attempt(), retries, slept_ms };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProviderError)) throw error;
      const wait_ms = nextWait(error, { provider, tally, clock });
      on_retry(error, wait_ms);
      await clock.sleep(wait_ms, signal);
    }
  }
}

type Case = { readonly provider: string; readonly tally: Tally; readonly clock: Clock };

/** Milliseconds to wait after this failure, which it adds to the tally. Throws the Fault that ends the call. */
function nextWait(failure: ProviderError, { provider, tally, clock }: Case): number {
  const fault = faultAtOnce(failure, provider);
  if (fault !== undefined) throw fault;
  const sort = sortOf(failure);
  const [borne, patience] = [tally[sort], PATIENCE[sort]];
  borne.failures++;
  const asked_ms = failure.retry_after_ms;
  if (asked_ms !== null && asked_ms > LONGEST_RETRY_AFTER_MS)
    throw down(failure, `${provider} asks to wait ${Math.round(asked_ms / 1000)} s`);
  const longest_ms = Math.min(patience.longest_ms, patience.first_ms * 2 ** (borne.failures - 1));
  const wait_ms = Math.round(
    asked_ms === null
      ? clock.random() * longest_ms
      : Math.max(0, asked_ms) + clock.random() * SPREAD_MS,
  );
  const over = borne.failures >= patience.failures || borne.slept_ms + wait_ms > patience.slept_ms;
  if (over) throw down(failure, `${provider} failed ${borne.failures} times`);
  borne.slept_ms += wait_ms;
  return wait_ms;
}

function sortOf({ kind }: ProviderError): keyof typeof PATIENCE {
  return kind === "rate limit" || kind === "overloaded" ? "limits" : "errors";
}

function isHopeless(kind: FailureKind): kind is Hopeless {
  return NO_HOPE.some((hopelessKind) => hopelessKind === kind);
}

const HOPELESS = {
  auth: {
    code: "model_auth",
    hint: "set a valid key of this provider in the environment or .env, then run the same command again",
  },
  quota: {
    code: "model_auth",
    hint: "the account's quota or credit is used up: top it up, then run the same command again",
  },
  "unknown model": {
    code: "model_unusable",
    hint: "mend the model's name or --base-url: no later call would be answered",
  },
  "no stream": {
    code: "model_unusable",
    hint: "serve the model with streaming (OpenAI's form: server-sent events), or ask it through a gateway that streams",
  },
  refused: {
    code: "model_request",
    hint: "the provider's filter refuses this request: see its words",
  },
  "bad request": {
    code: "model_request",
    hint: "see the provider's words: mend the model's name, its options or --base-url",
  },
  "context length": {
    code: "context_too_long",
    hint: "lower the compaction threshold in the agent's configuration, or choose a model with a longer context",
  },
} as const satisfies Record<Hopeless, { code: Fault["code"]; hint: string }>;

function down(failure: ProviderError, what: string): Fault {
  return new Fault("provider_down", `${what}: ${described(failure)}`, {
    hint: "wait, or lower -c, and run the same command again: finished pairs are not repeated",
    cause: failure,
  });
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
