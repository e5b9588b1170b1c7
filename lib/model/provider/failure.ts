// Owns what a failed request means: an SDK's error, a status, or an error told in mid-stream, as a ProviderError.
import { APICallError } from "@ai-sdk/provider";
import { z } from "zod";
import { redact } from "../../redact.ts";
import { type FailureKind, ProviderError } from "./error.ts";

/** What an error holds that tells its kind; providers differ in which of these they fill. */
type Evidence = {
  readonly status: number | null;
  /** The provider's own words for people. */
  readonly words: string;
  /** Its words for programs: types, codes, the whole body of an answer. */
  readonly codes: string;
  readonly headers: Readonly<Record<string, string>>;
};

const LONGEST_MESSAGE = 500;
/** In order: the first that the evidence shows is the kind. */
const BY_WORDS: readonly (readonly [FailureKind, RegExp])[] = [
  ["quota", /insufficient_quota|billing_error|credit balance is too low|insufficient credits/i],
  ["auth", /authentication_error|api_key_invalid|api key not valid|invalid_api_key/i],
  [
    "context length",
    /context_length_exceeded|prompt is too long|maximum context length|context window|exceeds? the (maximum|available|model'?s?) (number of tokens|context)|input token count.{0,40}exceeds|request_too_large|request too large for|max_model_len|input is too long/i,
  ],
];
const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  401: "auth",
  402: "quota",
  403: "auth",
  408: "server",
  409: "server",
  413: "context length",
  425: "server",
  429: "rate limit",
  503: "overloaded",
  529: "overloaded",
};
/** Of errors in mid-stream that come without a status. */
const BY_CODE: readonly (readonly [FailureKind, RegExp])[] = [
  ["overloaded", /overloaded|unavailable/i],
  ["rate limit", /rate_limit|resource_exhausted|too_many_requests/i],
  ["bad request", /invalid|not_found|unsupported/i],
];

const streamed = z.looseObject({
  message: z.string(),
  type: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
  statusCode: z.number().nullish(),
});

/**
 * Any error of a call to `name`, or an error part of its stream, as a ProviderError. An error that is neither the
 * provider's nor the network's is a defect of ours and is returned as it is.
 */
export function asProviderError(error: unknown, name: string): unknown {
  if (error instanceof ProviderError) return error;
  const inner = innermost(error, providerErrorIn);
  if (inner) return inner;
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400)
    return told(evidenceOf(error), { name, cause: error });
  if (isUnreadable(error)) return failed("bad answer", name, error);
  if (APICallError.isInstance(error) || innermost(error, networkError))
    return failed("connection", name, error);
  if (error instanceof Error) return error;
  const part = streamed.safeParse(error);
  return part.success
    ? told(evidenceOfPart(part.data), { name, cause: error })
    : failed("bad answer", name, JSON.stringify(error));
}

function told(evidence: Evidence, about: { name: string; cause: unknown }): ProviderError {
  const { status, words } = evidence;
  const said = `${about.name} answered ${status ?? "with an error"}: ${words || "nothing more"}`;
  return new ProviderError({
    kind: kindOf(evidence),
    status,
    message: oneLine(said),
    retry_after_ms: retryAfter(evidence),
    cause: withoutRequest(about.cause),
  });
}

function failed(kind: "connection" | "bad answer", name: string, error: unknown): ProviderError {
  const deepest = innermost(error, networkError) ?? error;
  const words = deepest instanceof Error ? deepest.message : String(deepest);
  // Bun adds advice to its network errors that is none for a user of ours.
  const [said = ""] = words.split("For more information, pass", 1);
  const what = kind === "connection" ? "could not be reached or was cut off" : "cannot be read";
  return new ProviderError({ kind, message: oneLine(`${name} ${what}: ${said}`) });
}

function kindOf({ status, words, codes }: Evidence): FailureKind {
  const all = `${words}\n${codes}`;
  const listed = BY_WORDS.find(([, pattern]) => pattern.test(all));
  if (listed && (status === null || status < 500)) return listed[0];
  // A filter's refusal of one text must not stop the run as a refused key does.
  if (status === 403 && /flagged|moderation/i.test(all)) return "bad request";
  if (status === null) return BY_CODE.find(([, pattern]) => pattern.test(all))?.[0] ?? "server";
  return BY_STATUS[status] ?? (status >= 500 ? "server" : "bad request");
}

function evidenceOf(error: APICallError): Evidence {
  const body = error.responseBody ?? "";
  return {
    status: error.statusCode ?? null,
    // Without words of its own an answer's beginning is better than nothing.
    words: error.message.trim() || body.slice(0, LONGEST_MESSAGE),
    codes: body,
    headers: error.responseHeaders ?? {},
  };
}

function evidenceOfPart(part: z.infer<typeof streamed>): Evidence {
  const { message, type, code, statusCode } = part;
  const status = statusCode ?? (Number(code) >= 400 && Number(code) < 600 ? Number(code) : null);
  return { status, words: message, codes: `${type ?? ""} ${code ?? ""}`, headers: {} };
}

/**
 * Milliseconds: `retry-after-ms`, `retry-after` in seconds or as an HTTP date (RFC 9110, 10.2.3), or Google's
 * RetryInfo in the body (`"retryDelay": "34s"`).
 */
export function retryAfter({ headers, codes }: Pick<Evidence, "headers" | "codes">): number | null {
  const exact = numberIn(headers["retry-after-ms"]);
  if (exact !== null) return exact;
  const after = headers["retry-after"];
  const seconds = numberIn(after) ?? numberIn(/"retryDelay":\s*"([\d.]+)s"/.exec(codes)?.[1]);
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

function isUnreadable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, message } = error;
  if (name === "Error" && SDK_COMPLAINT.test(message)) return true;
  return [
    "AI_JSONParseError",
    "AI_TypeValidationError",
    "AI_InvalidResponseDataError",
    "AI_EmptyResponseBodyError",
  ].includes(name);
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

/** The SDK's errors hold the whole request and its headers' echo; a log should not. */
function withoutRequest(cause: unknown): unknown {
  return cause instanceof Error ? cause.name : undefined;
}

function oneLine(text: string): string {
  return redact(text).replace(/\s+/g, " ").trim().slice(0, LONGEST_MESSAGE);
}
