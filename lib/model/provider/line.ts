// Owns one request's connection: how long it may take, how long it may be silent, and what kind of answer it brings.

import { ProviderError } from "./error.ts";
import { type EarOptions, listenTo } from "./listen.ts";

export type LineOptions = {
  /** Who is asked, for messages: `anthropic/claude-x`. */
  readonly name: string;
  /** The whole call, milliseconds. */
  readonly timeout_ms: number;
  /** Between two pieces of an answer that has begun, milliseconds. */
  readonly idle_ms: number;
  readonly signal: AbortSignal;
  /** See `Family.readable`. */
  readonly readable?: EarOptions["readable"];
  /** At every piece that comes. */
  readonly on_piece: () => void;
};
export type Line = Disposable & {
  /** Aborts with the caller's reason, or with a ProviderError of kind "timeout". */
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  /** Whether anything came back. */
  readonly began: boolean;
  /** The failure that the provider reported in its answer, whatever an SDK made of it. */
  readonly told: ProviderError | undefined;
};

/**
 * Deadlines are kept on the bytes, under the SDK: keep-alive comments and pings, which it does not hand on, are signs
 * of life too. The clock of silence starts with the first byte; until then a model may think as long as `timeout_ms`.
 */
export function openLine(options: LineOptions): Line {
  const { name, timeout_ms, idle_ms, signal, readable, on_piece } = options;
  const controller = new AbortController();
  const giveUp = (what: string) =>
    controller.abort(new ProviderError({ kind: "timeout", message: `${name} ${what}` }));
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });

  let silence: Timer | undefined;
  let told: ProviderError | undefined;
  let began = false;
  const whole = setTimeout(() => giveUp(`took longer than ${timeout_ms} ms`), timeout_ms);
  const heard = () => {
    on_piece();
    clearTimeout(silence);
    silence = setTimeout(() => giveUp(`fell silent for ${idle_ms} ms in mid-answer`), idle_ms);
  };
  return {
    signal: controller.signal,
    fetch: listening({
      ...{ name, heard, readable, told: (failure) => (told ??= failure) },
      began: () => {
        began = true;
      },
    }),
    get began() {
      return began;
    },
    get told() {
      return told;
    },
    [Symbol.dispose]() {
      clearTimeout(whole);
      clearTimeout(silence);
      signal.removeEventListener("abort", onAbort);
      // Whatever is still open of the connection is of no use to anybody.
      controller.abort(new ProviderError({ kind: "connection", message: `${name}: call is over` }));
    },
  };
}

function listening({ began, ...ear }: EarOptions & { readonly began: () => void }): typeof fetch {
  const call = async (input: string | URL | Request, init?: RequestInit) => {
    // Bun's own limit of five minutes would end long thinking.
    const response = await fetch(input, { ...init, timeout: false });
    began();
    try {
      return await listenTo(response, ear);
    } catch (error) {
      if (error instanceof ProviderError) ear.told(error);
      throw error;
    }
  };
  return Object.assign(call, { preconnect: fetch.preconnect });
}
