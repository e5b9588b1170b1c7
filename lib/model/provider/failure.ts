// Owns what a failed request means: a body that reports a failure, an SDK's error, or the network's, as a ProviderError.
import { kindOf } from "./classify.ts";
import { saidIn } from "./envelope.ts";
import { ProviderError } from "./error.ts";

/** Of bodies and headers, what may hold the provider's wish to be left alone. */
type Evidence = { readonly headers: Readonly<Record<string, string>>; readonly body: string };
type Report = Evidence & { readonly name: string; readonly status: number | null };

/** What a body means in which `name` reports a failure; `status` is HTTP's, which need not be one of a failure. */
export function reportedFailure({ name, status, body, headers }: Report): ProviderError {
  const said = saidIn(body, status);
  const words = said.texts.join(": ") || [...said.codes].join(", ") || "nothing more";
  return new ProviderError({
    kind: kindOf(said),
    status: said.status,
    message: `${name} answered ${said.status ?? "with an error"}: ${words}`,
    retry_after_ms: retryAfter({ headers, body }),
  });
}

/**
 * Any error of a call to `name`, or an error part of its stream, as a ProviderError. An error that is neither the
 * provider's nor the network's is a defect of ours and is returned as it is.
 */
export function asProviderError(error: unknown, name: string): unknown {
  const inner = innermost(error, providerErrorIn);
  if (inner) return inner;
  if (isUnreadable(error)) return failed("bad answer", name, error);
  if (innermost(error, networkError) || isNamed(error, "AI_APICallError"))
    return failed("connection", name, error);
  if (error instanceof Error) return error;
  return reportedFailure({ name, status: null, body: JSON.stringify(error) ?? "", headers: {} });
}

function failed(kind: "connection" | "bad answer", name: string, error: unknown): ProviderError {
  const deepest = innermost(error, networkError) ?? error;
  const words = deepest instanceof Error ? deepest.message : String(deepest);
  // Bun adds advice to its network errors that does not apply to a user of Tandem.
  const [said = ""] = words.split("For more information, pass", 1);
  const what = kind === "connection" ? "could not be reached or was cut off" : "cannot be read";
  const code = deepest instanceof Error && "code" in deepest ? String(deepest.code) : "";
  const unsent = NO_CONNECTION.test(code);
  return new ProviderError({ kind, message: `${name} ${what}: ${said}`, unsent });
}

/** Codes of Bun, of the system and of TLS for a connection that was never made. */
const NO_CONNECTION =
  /^(ConnectionRefused|FailedToOpenSocket|E?CONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|DNS\w*|.*CERT\w*|ERR_TLS\w*|ERR_SSL\w*)$/;

/**
 * Milliseconds: `retry-after-ms`, `retry-after` in seconds or as an HTTP date (RFC 9110, 10.2.3), or Google's
 * RetryInfo in the body (`"retryDelay": "34s"`).
 */
export function retryAfter({ headers, body }: Evidence): number | null {
  const exact = numberIn(headers["retry-after-ms"]);
  if (exact !== null) return exact;
  const after = headers["retry-after"];
  const seconds =
    numberIn(after) ?? numberIn(/\\?"retryDelay\\?":\s*\\?"([\d.]+)s/.exec(body)?.[1]);
  if (seconds !== null) return Math.ceil(seconds * 1000);
  const date = Date.parse(after ?? "");
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

function numberIn(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
}

/** Plain errors with which Anthropic's SDK answers a first event that is none, and events that it does not know. */
const SDK_COMPLAINT =
  /^(Expected a normalized \w+ stream error|Unsupported (content block|delta|chunk) type: )/;
const UNREADABLE = [
  "AI_JSONParseError",
  "AI_TypeValidationError",
  "AI_InvalidResponseDataError",
  "AI_EmptyResponseBodyError",
];

function isUnreadable(error: unknown): boolean {
  if (isNamed(error, ...UNREADABLE)) return true;
  return isNamed(error, "Error") && SDK_COMPLAINT.test(error.message);
}

function isNamed(error: unknown, ...names: readonly string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}

const providerErrorIn = (error: Error) => (error instanceof ProviderError ? error : undefined);
/** Bun and the system give network errors a code; fetch's own are TypeErrors. */
const networkError = (error: Error) =>
  ("code" in error && typeof error.code === "string" && !error.name.startsWith("AI_")) ||
  error.name === "SocketError"
    ? error
    : undefined;

/** The first hit along an error and its causes. */
function innermost<T>(error: unknown, pick: (error: Error) => T | undefined): T | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    const found = pick(at);
    if (found !== undefined) return found;
  }
  return undefined;
}
