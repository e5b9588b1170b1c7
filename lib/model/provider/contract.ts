// Owns the contract of a provider: one request in, one answer out.
import type { ModelOptions, ModelRequest, StopReason, ToolCall, Usage } from "../model.ts";

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
  /** What the server reports about tokens in an answer that is not streamed; null when nothing. Throws as `call` does. */
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
