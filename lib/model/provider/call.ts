// Owns one request to a provider, from our turns to its whole answer.
import { redactDeep } from "../../core/redact.ts";
import {
  type ModelOptions,
  type ModelRequest,
  NO_USAGE,
  type StopReason,
  type Usage,
} from "../model.ts";
import { readStream, type Streamed, stopReason } from "./answer.ts";
import type { RawAnswer } from "./contract.ts";
import { type FailureKind, ProviderError } from "./error.ts";
import { asProviderError } from "./failure.ts";
import type { Connection, Family } from "./family.ts";
import { openLine } from "./line.ts";
import { asMetadata, toOpaque } from "./opaque.ts";
import { callOptions } from "./options.ts";
import { toPrompt, toTools } from "./prompt.ts";
import { mergeUsage, usageIn } from "./usage.ts";

export type Setup = {
  /** `anthropic/claude-x`, for messages. */
  readonly name: string;
  /** Who signs what an answer keeps for its provider. */
  readonly author: string;
  readonly family: Family;
  readonly connection: Omit<Connection, "fetch">;
  readonly options: ModelOptions;
  readonly timeout_ms: number;
  readonly idle_ms: number;
  /** At every piece that comes. */
  readonly on_piece: () => void;
};

/** Streams one answer. Throws ProviderError, and the signal's reason on abort; nothing is tried twice here. */
export async function callOnce(
  setup: Setup,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<RawAnswer> {
  using line = openLine({ ...setup, readable: setup.family.readable?.(), signal });
  try {
    line.signal.throwIfAborted();
    const answering = streamOf({ setup, request, fetch: line.fetch, signal: line.signal });
    const streamed = await Promise.race([answering, aborted(line.signal)]);
    if (line.told !== undefined) throw line.told;
    // A secret is blotted out before anything is signed off as the provider's own words.
    return rawAnswer(setup, redactDeep(streamed));
  } catch (error) {
    if (line.signal.aborted) throw line.signal.reason;
    const failure = line.told ?? asProviderError(error, setup.name);
    const stop_reason = failure instanceof ProviderError ? ANSWERS[failure.kind] : undefined;
    if (failure instanceof ProviderError && stop_reason !== undefined)
      return wordsOf(failure, stop_reason);
    throw withAdvice(isLost(failure) && !line.began ? lostBefore(failure) : failure, setup);
  }
}

type Work = {
  readonly setup: Setup;
  readonly request: ModelRequest;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
};

async function streamOf({ setup, request, fetch, signal }: Work): Promise<Streamed> {
  const model = setup.family.open({ ...setup.connection, fetch });
  const { stream } = await model.doStream({
    ...inSdksWords(setup, request, signal),
    includeRawChunks: true,
  });
  return await readStream(stream, setup.name);
}

function inSdksWords(setup: Setup, request: ModelRequest, signal: AbortSignal) {
  const { family, options, author } = setup;
  const prompt = toPrompt(request.turns, author);
  const tools = toTools(request.tools);
  return {
    prompt: family.arrange?.(prompt) ?? prompt,
    ...(tools.length > 0 ? { tools } : {}),
    ...(family.provider_options ? { providerOptions: family.provider_options } : {}),
    ...callOptions(options),
    abortSignal: signal,
  };
}

/** See `Provider.usageOfWhole`. */
export async function usageOfWhole(
  setup: Setup,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<Usage | null> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(setup.timeout_ms)]);
  try {
    const model = setup.family.open({ ...setup.connection, fetch });
    const { response } = await model.doGenerate(inSdksWords(setup, request, deadline));
    return usageIn(mergeUsage(undefined, response?.body));
  } catch (error) {
    signal.throwIfAborted();
    throw asProviderError(error, setup.name);
  }
}

function rawAnswer(
  { author, family }: Setup,
  { parts, finish, response_model, raw_usage }: Streamed,
): RawAnswer {
  const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  const tool_calls = parts.flatMap((part) => (part.type === "call" ? [part.call] : []));
  const whole = asMetadata({ openaiCompatible: finish.providerMetadata?.openaiCompatible });
  const opaque = toOpaque(author, parts, whole);
  const cost_usd = family.cost?.(raw_usage) ?? null;
  return {
    text,
    tool_calls,
    stop_reason: stopReason(finish.finishReason),
    usage: usageIn(raw_usage),
    response_model,
    ...(cost_usd === null ? {} : { cost_usd }),
    ...(opaque === undefined ? {} : { opaque }),
  };
}

/** What the model did, or a filter to it, is an answer, whether it came as one or as a failing status. */
const ANSWERS: Partial<Record<FailureKind, StopReason>> = {
  refused: "filtered",
  "bad call": "other",
};

/** A failing status is not charged. */
function wordsOf({ message }: ProviderError, stop_reason: StopReason): RawAnswer {
  return { text: message, tool_calls: [], stop_reason, usage: NO_USAGE, response_model: null };
}

function isLost(error: unknown): error is ProviderError {
  return error instanceof ProviderError && error.kind === "connection";
}

function lostBefore({ kind, message, unsent }: ProviderError): ProviderError {
  return new ProviderError({ kind, message, unsent, began: false });
}

/** Rejects with the reason: no stream that forgets its signal may outlast a deadline. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function withAdvice(error: unknown, { family, connection }: Setup): unknown {
  const unknown = error instanceof ProviderError && error.status === 404 ? error : undefined;
  if (!unknown || connection.base_url === undefined || !family.unknown_address) return error;
  return new ProviderError({
    kind: unknown.kind,
    status: unknown.status,
    message: `${unknown.message} (${family.unknown_address})`,
  });
}
