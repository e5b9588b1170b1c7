// Owns one request's connection: how long it may take, how long it may be silent, and what kind of answer it brings.
import { ProviderError } from "./error.ts";

export type LineOptions = {
  /** Who is asked, for messages: `anthropic/claude-x`. */
  readonly name: string;
  /** The whole call, milliseconds. */
  readonly timeout_ms: number;
  /** Between two pieces of an answer that has begun, milliseconds. */
  readonly idle_ms: number;
  readonly signal: AbortSignal;
};
export type Line = Disposable & {
  /** Aborts with the caller's reason, or with a ProviderError of kind "timeout". */
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
};

/**
 * Deadlines are kept on the bytes, under the SDK: keep-alive comments and pings, which it does not hand on, are signs
 * of life too. The clock of silence starts with the first byte; until then a model may think as long as `timeout_ms`.
 */
export function openLine({ name, timeout_ms, idle_ms, signal }: LineOptions): Line {
  const controller = new AbortController();
  const giveUp = (what: string) =>
    controller.abort(new ProviderError({ kind: "timeout", message: `${name} ${what}` }));
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });

  let silence: Timer | undefined;
  const whole = setTimeout(() => giveUp(`took longer than ${timeout_ms} ms`), timeout_ms);
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => giveUp(`fell silent for ${idle_ms} ms in mid-answer`), idle_ms);
  };
  return {
    signal: controller.signal,
    fetch: listening(name, heard),
    [Symbol.dispose]() {
      clearTimeout(whole);
      clearTimeout(silence);
      signal.removeEventListener("abort", onAbort);
      // Whatever is still open of the connection is of no use to anybody.
      controller.abort(new ProviderError({ kind: "connection", message: `${name}: call is over` }));
    },
  };
}

function listening(name: string, heard: () => void): typeof fetch {
  const call = async (input: string | URL | Request, init?: RequestInit) => {
    // Bun's own limit of five minutes would end long thinking.
    const response = await fetch(input, { ...init, timeout: false });
    if (!response.ok || response.body === null) return response;
    refuseOtherThanStream(name, response);
    const ear = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        heard();
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(ear), response);
  };
  return Object.assign(call, { preconnect: fetch.preconnect });
}

/** A page of a proxy or a whole JSON document would look like a stream that ended early. */
function refuseOtherThanStream(name: string, { status, headers }: Response): void {
  const type = headers.get("content-type") ?? "";
  if (!/^(text\/html|application\/json)/i.test(type)) return;
  const message = `${name} answered with ${type} where a stream of events was asked for`;
  throw new ProviderError({ kind: "bad answer", status, message });
}
