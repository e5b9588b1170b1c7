// Owns an answer in the form of chat completions, whole and as chunks.
import type { StopReason, ToolCall } from "../../model.ts";
import { inputOf } from "../plain.ts";
import { textOf } from "../read.ts";
import { openaiRefusal } from "../refusals.ts";
import { type RefusalKind, type Said, sse, type WireRequest } from "../wire.ts";

const FINISH: Record<StopReason, string> = {
  stop: "stop",
  "tool calls": "tool_calls",
  length: "length",
  filtered: "content_filter",
  other: "stop",
};

function finishOf({ stop_reason, tool_calls }: Said): string {
  const calls = tool_calls.length > 0;
  return calls && (stop_reason === "stop" || stop_reason === "other")
    ? "tool_calls"
    : FINISH[stop_reason];
}

export function encode(said: Said, asked: WireRequest): object {
  const { text, reasoning, tool_calls } = said;
  const message = {
    role: "assistant",
    content: text === "" && tool_calls.length > 0 ? null : text,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(tool_calls.length === 0
      ? {}
      : { tool_calls: tool_calls.map((call) => callOf(call, asked)) }),
  };
  return {
    ...headOf(said, asked, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(said) }],
    ...(said.usage === null ? {} : { usage: usageOf(said.usage) }),
  };
}

export function* stream(said: Said, asked: WireRequest): Iterable<string> {
  const head = headOf(said, asked, "chat.completion.chunk");
  const chunk = (delta: object, finish_reason: string | null = null) =>
    sse({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  yield chunk({ role: "assistant", content: "" });
  if (said.reasoning !== "") yield chunk({ reasoning_content: said.reasoning });
  if (said.text !== "") yield chunk({ content: said.text });
  for (const [index, call] of said.tool_calls.entries())
    yield chunk({ tool_calls: [{ index, ...callOf(call, asked) }] });
  yield chunk({}, finishOf(said));
  if (asked.usage && said.usage !== null)
    yield sse({ ...head, choices: [], usage: usageOf(said.usage) });
  yield sse("[DONE]");
}

export function broken(kind: RefusalKind, message: string): string {
  return sse(openaiRefusal(kind, message).body);
}

function headOf({ id }: Said, asked: WireRequest, object: string) {
  return {
    id: `chatcmpl-${id}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: asked.model,
  };
}

function callOf(call: ToolCall, { forms }: WireRequest) {
  const { id, name } = call;
  if (forms.get(name)?.plain === true)
    return { id, type: "custom", custom: { name, input: inputOf(call) } };
  return { id, type: "function", function: { name, arguments: textOf(call) } };
}

function usageOf(usage: NonNullable<Said["usage"]>): object {
  const prompt_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return {
    prompt_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: prompt_tokens + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cache_read_tokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
  };
}
