// Owns what a model is to the rest of Tandem: chat turns and tools in, an answer with its usage out.
import type { CALL_PURPOSES } from "../core/vocabulary.ts";

export type ToolCall = {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The arguments as the model wrote them, when they are not a JSON object; `arguments` is then empty. */
  readonly malformed?: string;
};
/**
 * One turn of the conversation; `tool` turns answer the call they name. `opaque` is what the provider wants to see
 * again with its own answer (reasoning signatures and the like): JSON that only the provider's adapter reads.
 */
export type ChatTurn =
  | { readonly role: "system" | "user"; readonly content: string }
  | {
      readonly role: "assistant";
      readonly content: string;
      readonly tool_calls: readonly ToolCall[];
      readonly opaque?: unknown;
    }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };

/** A function the model may call. `parameters` is a JSON schema of an object. */
export type Tool = {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
};

export type ModelRequest = {
  readonly turns: readonly ChatTurn[];
  /** None: the model is not offered native tool calls. */
  readonly tools: readonly Tool[];
  /** What the answer is for: the next step of the loop, a summary of older turns, or a side call of an agent's program (a title, say). */
  readonly purpose: (typeof CALL_PURPOSES)[number];
};

/** Tokens of one call, by kind (counts). Input counts what was neither read from nor written to a cache; output counts reasoning too. */
export type Usage = {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly reasoning_tokens: number;
};
export const NO_USAGE: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
};

/** Why the model stopped: by itself, to call tools, at its token limit, by the provider's filter. */
export type StopReason = "stop" | "tool calls" | "length" | "filtered" | "other";

export type Answer = {
  readonly text: string;
  readonly tool_calls: readonly ToolCall[];
  readonly stop_reason: StopReason;
  readonly usage: Usage;
  /** Set where the server told no tokens: the counts of `usage` are then 0 because they are unknown. */
  readonly usage_known?: false;
  /** US dollars; null when the price is unknown. */
  readonly cost_usd: number | null;
  /** From the request that succeeded to its whole answer, milliseconds. */
  readonly latency_ms: number;
  /** Requests that failed before the one that succeeded. */
  readonly retries: number;
  /** Milliseconds before the request that succeeded: waits for a turn and for another try, and tries that failed. */
  readonly waited_ms: number;
  /** Set where the server seems to cut its prompts silently: the tokens that reach the model at most. */
  readonly cut_at_tokens?: number;
  /** See `ChatTurn`. */
  readonly opaque?: unknown;
};

/** A model as one agent of one attempt uses it. */
export interface Model {
  readonly name: string;
  /** Throws Faults, and the signal's reason on abort. */
  complete(request: ModelRequest, signal: AbortSignal): Promise<Answer>;
}

/** Hears what one call does until its end, for a clock that stands still while the call waits. */
export type CallWatch = Disposable & {
  /** A try is under way. */
  asks(): void;
  /** The call waits: for its turn, or because the try under way has failed. */
  waits(after: "turn" | "failure"): void;
};
export const UNWATCHED: CallWatch = {
  asks() {},
  waits() {},
  [Symbol.dispose]() {},
};

/** Whose calls these are: a recording is chosen by it, and records are filed under it. */
export type Caller = {
  /** The attempt's key. */
  readonly attempt_key: string;
  readonly task_dir: string;
  readonly setting: string;
  readonly features: readonly number[];
  readonly agent_id: string;
};

/** How a model is asked; part of a run's configuration. Absent: the provider's own default. */
export type ModelOptions = {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly seed?: number;
  readonly max_output_tokens?: number;
  readonly reasoning_effort?: "none" | "minimal" | "low" | "medium" | "high";
};

/** Sum of two usages, kind by kind. */
export function addUsage(left: Usage, right: Usage): Usage {
  return {
    input_tokens: left.input_tokens + right.input_tokens,
    output_tokens: left.output_tokens + right.output_tokens,
    cache_read_tokens: left.cache_read_tokens + right.cache_read_tokens,
    cache_write_tokens: left.cache_write_tokens + right.cache_write_tokens,
    reasoning_tokens: left.reasoning_tokens + right.reasoning_tokens,
  };
}

/** Tokens of all kinds, each counted once. */
export function tokensOf(usage: Omit<Usage, "reasoning_tokens">): number {
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = usage;
  return input_tokens + output_tokens + cache_read_tokens + cache_write_tokens;
}
