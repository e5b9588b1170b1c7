// Owns an answer in the form of OpenAI's responses.
import type { StopReason, ToolCall } from "../../model.ts";
import { inputOf } from "../plain.ts";
import { textOf } from "../read.ts";
import type { Said, WireRequest } from "../wire.ts";

export type Item = {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
};

/** Reasoning, text, calls, in this order. */
export function itemsOf(said: Said, asked: WireRequest): Item[] {
  const { id, text, reasoning, seal, tool_calls } = said;
  const summary = reasoning === "" ? [] : [{ type: "summary_text", text: reasoning }];
  const content = [{ type: "output_text", text, annotations: [], logprobs: [] }];
  return [
    ...(seal === undefined || !asked.reasoning
      ? []
      : [{ id: `rs_${id}`, type: "reasoning", summary, encrypted_content: seal }]),
    ...(text === ""
      ? []
      : [{ id: `msg_${id}`, type: "message", status: "completed", role: "assistant", content }]),
    ...tool_calls.map((call, index) => callItem(call, { asked, id: `${id}_${index + 1}` })),
  ];
}

function callItem(call: ToolCall, { asked, id }: { asked: WireRequest; id: string }): Item {
  const form = asked.forms.get(call.name);
  const name = form?.name ?? call.name;
  const namespace = form?.namespace === undefined ? {} : { namespace: form.namespace };
  const named = { status: "completed", call_id: call.id, name, ...namespace };
  if (form?.plain !== true)
    return { id: `fc_${id}`, type: "function_call", ...named, arguments: textOf(call) };
  return { id: `ctc_${id}`, type: "custom_tool_call", ...named, input: inputOf(call) };
}

const COMPLETED = { status: "completed", incomplete_details: null };
const ENDS: Partial<
  Record<StopReason, typeof COMPLETED | { status: string; incomplete_details: object }>
> = {
  length: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
  filtered: { status: "incomplete", incomplete_details: { reason: "content_filter" } },
};

export function encode(said: Said, asked: WireRequest) {
  const end = ENDS[said.stop_reason] ?? COMPLETED;
  return { ...headOf(said, asked), ...end, output: itemsOf(said, asked), usage: usageOf(said) };
}

/** What is known of an answer before it is there. */
export function headOf({ id }: Said, asked: WireRequest) {
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status: "in_progress",
    error: null,
    incomplete_details: null,
    model: asked.model,
    output: [],
    parallel_tool_calls: true,
    store: false,
    tools: [],
    usage: null,
  };
}

function usageOf({ usage }: Said): object | null {
  if (usage === null) return null;
  const input_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: usage.cache_read_tokens },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    total_tokens: input_tokens + usage.output_tokens,
  };
}
