// Owns how a provider's failure looks to the gateway, which decides whether to try again.
import type { CallEnd } from "../../core/ends.ts";
import { redact } from "../../core/redact.ts";

const LONGEST_MESSAGE = 500;

/**
 * What went wrong with one request: the rows of the table of ends, of which two are narrower than a kind (a `connection`
 * that never came to an answer, and a `server` that a gateway speaks for) and one is no failure of a request.
 */
export type FailureKind = Exclude<CallEnd, "no connection" | "bad gateway" | "prompt cut">;

type Details = {
  readonly kind: FailureKind;
  readonly message: string;
  readonly status?: number | null;
  readonly retry_after_ms?: number | null;
  readonly began?: boolean;
  /** Whether the request cannot have reached anybody. */
  readonly unsent?: boolean;
  readonly cause?: unknown;
};

/** One request to a provider failed. `message` is made one line without a key; `status` is HTTP's, when there was one. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly kind: FailureKind;
  readonly status: number | null;
  /** How long the provider wants to be left alone, milliseconds. */
  readonly retry_after_ms: number | null;
  /** False when nothing at all came back. */
  readonly began: boolean;
  readonly unsent: boolean;

  constructor(details: Details) {
    const { kind, message, cause, began = true, unsent = false } = details;
    const { status = null, retry_after_ms = null } = details;
    super(oneLine(message), cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.status = status;
    this.retry_after_ms = retry_after_ms;
    this.began = began;
    this.unsent = unsent;
  }
}

/** Requests that a provider turns away before it works on them. */
const TURNED_AWAY: readonly FailureKind[] = [
  ...(["rate limit", "auth", "quota", "unknown model"] as const),
  ...(["refused", "bad call", "bad request", "context length"] as const),
];

/** Whether a request that ended so may have been charged: it was under way, or its answer broke off or was none. */
export function mayHaveCost(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return true;
  const { kind, status, unsent } = error;
  return !unsent && !TURNED_AWAY.includes(kind) && (status === null || status < 400);
}

function oneLine(text: string): string {
  return redact(text).replace(/\s+/g, " ").trim().slice(0, LONGEST_MESSAGE);
}
