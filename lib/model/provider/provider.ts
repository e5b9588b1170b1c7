// Owns the door to the providers of models: one request in, one answer or one ProviderError out.
import { keyFor, requireKey } from "../credentials.ts";
import type { ModelOptions, ModelRequest, StopReason, ToolCall, Usage } from "../model.ts";
import { checkModelName, modelParts, rowOf } from "../names.ts";
import { loadFamily, PROVIDERS, type Providers } from "./registry.ts";

export { type FailureKind, ProviderError } from "./error.ts";

/** A provider's answer before anybody has put a price on it. Empty text without calls is an answer too. */
export type RawAnswer = {
  readonly text: string;
  readonly tool_calls: readonly ToolCall[];
  readonly stop_reason: StopReason;
  /** Null when the server told no tokens: unknown is not zero. */
  readonly usage: Usage | null;
  /** See `ChatTurn`: JSON for the provider's own next request. */
  readonly opaque?: unknown;
  /** The model that answered, by its provider's name; null when it did not say. */
  readonly response_model: string | null;
  /** US dollars, when the provider itself says what it charged. */
  readonly cost_usd?: number;
};

export type Provider = {
  /** Its name in the registry. */
  readonly provider_id: string;
  readonly model_id: string;
  /** Whether its answers say what they cost. */
  readonly tells_cost?: boolean;
  /** One request, never repeated here. Throws ProviderError, and the signal's reason on abort. */
  call(request: ModelRequest, signal: AbortSignal): Promise<RawAnswer>;
  /** What the server tells of tokens in an answer that is not streamed; null when nothing. Throws as `call` does. */
  usageOfWhole?(request: ModelRequest, signal: AbortSignal): Promise<Usage | null>;
};

export type ProviderSpec = {
  /** `anthropic/claude-…`; see names.ts. */
  readonly model: string;
  /** An address other than the provider's public one, with its version path (`…/v1`). */
  readonly base_url?: string | undefined;
  readonly options: ModelOptions;
  /** The whole of one call, milliseconds. */
  readonly timeout_ms: number;
  /** Longest silence in mid-answer, milliseconds; absent: what suits the provider. */
  readonly idle_ms?: number;
  /** At every piece of an answer that comes. */
  readonly on_piece?: () => void;
};

/**
 * The model behind a name, of a provider of the registry. Answers are streamed, although nobody watches: a stream that breaks off or falls silent is
 * noticed in minutes, and long answers do not run into the time limits of proxies on the way.
 * Throws UsageError for a name that is none, a missing key, and an option that the model would ignore.
 */
export async function openProvider(
  spec: ProviderSpec,
  providers: Providers = PROVIDERS,
): Promise<Provider> {
  const { model: name, base_url, options, timeout_ms } = spec;
  checkModelName(name, { base_url }, providers);
  requireKey(name, { base_url }, process.env, providers);
  const { provider, model } = modelParts(name, providers);
  const family = await loadFamily(provider, providers);
  const connection = { model_id: model, base_url, key: keyFor(rowOf(name, providers)) };
  const { refuseIgnored } = await import("./options.ts");
  await refuseIgnored({ name, family, connection, options });
  const { callOnce, usageOfWhole } = await import("./call.ts");
  const author = `${provider}/${model}`;
  const idle_ms = Math.min(spec.idle_ms ?? family.idle_ms, timeout_ms);
  const { on_piece = () => undefined } = spec;
  const setup = { name, author, family, connection, options, timeout_ms, idle_ms, on_piece };
  return {
    provider_id: provider,
    model_id: model,
    tells_cost: family.cost !== undefined,
    call: (request, signal) => callOnce(setup, request, signal),
    usageOfWhole: (request, signal) => usageOfWhole(setup, request, signal),
  };
}
