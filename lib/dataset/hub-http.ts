// Owns one request to the hub: its deadline, its tries, the waits between them, and what a refusal means.
import { errorMessage, Fault } from "../core/fault.ts";

/** The published copies of the dataset: the program's and the documents'. */
export const KNOWN_DATASETS = [
  "CodeConflict/cooperbench-dataset",
  "cooperbench/cooperbench",
] as const;
export const CONTINUE = "run the same command again: it continues where it stopped";

const RETRIES = 5;
/** The hub counts requests in windows of five minutes; a longer wait is an answer, not a pause. */
const LONGEST_WAIT_MS = 310_000;

/** Whom a request goes to and how long it may take. */
export type Line = {
  readonly repo_id: string;
  /** The revision as the caller named it, for messages. */
  readonly asked: string;
  readonly endpoint: URL;
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
  readonly sleep: (duration_ms: number, signal: AbortSignal) => Promise<void>;
};

/** A failure that may pass when the request is sent again; after the last try it becomes a Fault. */
export class Setback extends Error {
  readonly code: "hub_gone" | "hub_rate_limited";
  readonly wait_ms: number | undefined;

  constructor(
    message: string,
    details: { status?: number; wait_ms?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.status === 429 ? "hub_rate_limited" : "hub_gone";
    this.wait_ms = details.wait_ms;
  }
}

/** Does the work again after each Setback, five times at most. Throws the Fault the last one stands for. */
export async function persist<T>(line: Line, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Setback) || line.signal.aborted) throw error;
      const wait_ms = error.wait_ms ?? 1000 * 2 ** tries;
      if (tries === RETRIES || wait_ms > LONGEST_WAIT_MS) throw lastStraw(error);
      // Jitter only lengthens a wait: a shorter one would break the hub's Retry-After.
      await line.sleep(wait_ms * (1 + Math.random() / 4), line.signal);
    }
  }
}

function lastStraw(error: Setback): Fault {
  const wait = Math.ceil((error.wait_ms ?? 0) / 1000);
  const hint =
    error.code === "hub_gone"
      ? CONTINUE
      : `wait ${wait > 0 ? `${wait} s` : "some minutes"} (a token raises the limit), then ${CONTINUE}`;
  return new Fault(error.code, error.message, { hint, cause: error.cause });
}

/** A fetch for the library's small JSON calls: each answer is read whole and asked for again when it breaks. */
export function jsonFetch(line: Line): typeof fetch {
  return asFetch((url, init) =>
    persist(line, async () => {
      const response = await send(line, { url, init });
      const chunks = await Array.fromAsync(readable(line, response.body ?? []));
      return new Response(Buffer.concat(chunks), response);
    }),
  );
}

/** The function with the type the library wants; Bun's fetch has one more member than the standard's. */
export function asFetch(call: (url: URL, init: RequestInit) => Promise<Response>): typeof fetch {
  const wrapped = (input: string | URL | Request, init: RequestInit = {}) =>
    call(new URL(input instanceof Request ? input.url : input), init);
  return Object.assign(wrapped, { preconnect: fetch.preconnect });
}

/**
 * One request, one try. Returns 2xx and 416 answers. Throws Setback for what may pass (429, 408, 5xx,
 * broken connections, the deadline), Fault `hub_auth`, `hub_missing` or `hub_gone` for what will not.
 */
export async function send(line: Line, call: { url: URL; init: RequestInit }): Promise<Response> {
  const headers = new Headers(call.init.headers);
  // Page links may lead to another host (a mirror's do): the token is not theirs.
  if (call.url.origin !== line.endpoint.origin) headers.delete("authorization");
  const signal = AbortSignal.any([line.signal, AbortSignal.timeout(line.timeout_ms)]);
  const response = await fetch(call.url, { ...call.init, headers, signal }).catch((error) => {
    throw broken(line, error);
  });
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  throw refusal(line, response);
}

/** The chunks of a body; a failure on the way becomes a Setback. */
export async function* readable(
  line: Line,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw broken(line, error);
  }
}

/** Where the bytes of a 206 answer begin (NaN when it does not say), 0 for any other answer. */
export function rangeStart(response: Response): number {
  if (response.status !== 206) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return Number(range?.[1]);
}

function broken(line: Line, error: unknown): Setback {
  const text = errorMessage(error);
  return new Setback(`the connection to ${line.endpoint.host} broke: ${text}`, { cause: error });
}

function refusal(line: Line, response: Response): Error {
  const { status } = response;
  const known = `known datasets: ${KNOWN_DATASETS.join(", ")}`;
  const page = `${line.endpoint.origin}/datasets/${line.repo_id}`;
  const what = `dataset ${line.repo_id} at revision ${line.asked}`;
  // Without a token the hub answers 401 for datasets that do not exist, too.
  if (status === 401 || status === 403)
    return new Fault("hub_auth", `the hub refuses ${what} (${status})`, {
      hint: `set HF_TOKEN, or accept the dataset's terms at ${page}; if the name is wrong, ${known}`,
    });
  if (status === 404)
    return new Fault("hub_missing", `the hub has no ${missing(response, what)}`, {
      hint: `check the name and the revision; ${known}`,
    });
  const message = `the hub answered ${status} for ${what}`;
  if (status === 429 || status === 408 || status >= 500)
    return new Setback(message, { status, wait_ms: retryAfter(response.headers) });
  return new Fault("hub_gone", message, { hint: "check the address of the hub" });
}

function missing(response: Response, what: string): string {
  const code = response.headers.get("x-error-code");
  if (code === "RepoNotFound") return `${what}: no such dataset`;
  if (code === "RevisionNotFound") return `${what}: no such revision`;
  return `${what} (asked for ${new URL(response.url).pathname})`;
}

/**
 * The wait the hub asks for, in milliseconds: Retry-After in seconds or as a date (RFC 9110, 10.2.3), else
 * the `t` of its RateLimit header, the seconds until its window ends.
 */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after") ?? /\bt=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1];
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until_ms = Date.parse(text) - Date.now();
  return Number.isNaN(until_ms) ? undefined : Math.max(0, until_ms);
}
