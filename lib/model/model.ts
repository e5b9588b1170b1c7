// Owns what a model is to the rest of Tandem: chat turns and one tool in, an answer with its usage out.

export type ToolCall = {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
};
/** One turn of the conversation; `tool` turns answer the call they name. */
export type ChatTurn =
  | { readonly role: "system" | "user"; readonly content: string }
  | {
      readonly role: "assistant";
      readonly content: string;
      readonly tool_calls: readonly ToolCall[];
    }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };

/** Tokens of one call, by kind (counts). */
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

export type Answer = {
  readonly text: string;
  readonly tool_calls: readonly ToolCall[];
  readonly usage: Usage;
  /** US dollars; null when the price is unknown. */
  readonly cost_usd: number | null;
  /** From request to whole answer, milliseconds. */
  readonly latency_ms: number;
};

/** A model as one agent of one attempt uses it. */
export interface Model {
  readonly name: string;
  complete(turns: readonly ChatTurn[], signal: AbortSignal): Promise<Answer>;
}

/** Whose calls these are: a recording is chosen by it, and records are filed under it. */
export type Caller = {
  readonly task_dir: string;
  readonly setting: string;
  readonly features: readonly number[];
  readonly agent_id: string;
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
