// Owns OpenAI's Responses API as a local server speaks it.
import { z } from "zod";
import type { ChatTurn, StopReason, ToolCall } from "../model.ts";
import { bearer, openaiError } from "./chat.fixture.ts";
import { pieces, type Ready } from "./script.fixture.ts";
import { frame, type Protocol, parsed, Refused, type Told } from "./serve.fixture.ts";

const spoken = z.union([z.string(), z.array(z.looseObject({ text: z.string() }))]);
const item = z.union([
  z.object({ role: z.enum(["system", "developer", "user", "assistant"]), content: spoken }),
  z.object({
    type: z.literal("function_call"),
    call_id: z.string().min(1),
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({
    type: z.literal("function_call_output"),
    call_id: z.string(),
    output: z.string(),
  }),
  z.object({
    type: z.literal("reasoning"),
    encrypted_content: z.string(),
    summary: z.array(z.object({ type: z.literal("summary_text"), text: z.string() })),
  }),
]);
type Item = z.infer<typeof item>;
const schema = z.object({
  model: z.string().min(1),
  store: z.boolean().optional(),
  input: z.array(item).min(1),
  tools: z.array(z.looseObject({ type: z.literal("function"), name: z.string() })).default([]),
});

export const responses: Protocol = {
  serves: (path) => path === "/v1/responses",
  key: bearer,
  streams: (body) => body.stream === true,
  insists_on_signatures: true,
  read(body) {
    const { model, input, tools, store } = parsed(schema, body);
    if (store !== false) throw new Refused("this server keeps nothing: store must be false");
    return {
      model,
      tools: tools.map(({ name }) => name),
      turns: turnsOf(input),
      signatures: signaturesOf(input),
    };
  },
  frames(answer) {
    const head = { ...about(answer), status: "in_progress", output: [] };
    const { status } = END[answer.stop_reason] ?? COMPLETED;
    const events = [
      { type: "response.created", response: head },
      { type: "response.in_progress", response: head },
      ...itemsOf(answer).flatMap((one, index) => itemEvents(one, index)),
      { type: `response.${status}`, response: whole(answer) },
    ];
    return events.map((event, sequence_number) => frame({ ...event, sequence_number }, event.type));
  },
  overloaded: frame(
    {
      type: "error",
      sequence_number: 3,
      error: {
        type: "server_error",
        code: "server_is_overloaded",
        message: "Overloaded",
        param: null,
      },
    },
    "error",
  ),
  whole,
  error: openaiError,
};

const COMPLETED = { status: "completed", incomplete_details: null };
const END: Partial<Record<StopReason, { status: string; incomplete_details: object | null }>> = {
  length: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
  filtered: { status: "incomplete", incomplete_details: { reason: "content_filter" } },
};

const about = ({ id, model }: Ready) => ({
  id,
  model,
  object: "response",
  created_at: 1_700_000_000,
});

function whole(answer: Ready) {
  return {
    ...about(answer),
    ...(END[answer.stop_reason] ?? COMPLETED),
    error: null,
    output: itemsOf(answer),
    usage: usageOf(answer),
  };
}

type Sent = { id: string; type: string; [field: string]: unknown };

function itemsOf({ id, reasoning, signature, text, tool_calls }: Ready): Sent[] {
  const summary = [{ type: "summary_text", text: reasoning }];
  const content = [{ type: "output_text", text, annotations: [] }];
  return [
    ...(reasoning === ""
      ? []
      : [{ id: `rs_${id}`, type: "reasoning", summary, encrypted_content: signature }]),
    ...(text === ""
      ? []
      : [{ id: `msg_${id}`, type: "message", role: "assistant", status: "completed", content }]),
    ...tool_calls.map((one) => ({
      id: `fc_${one.id}`,
      type: "function_call",
      call_id: one.id,
      name: one.name,
      arguments: one.json,
      status: "completed",
    })),
  ];
}

function itemEvents(one: Sent, output_index: number): { type: string; [field: string]: unknown }[] {
  const at = { item_id: one.id, output_index };
  const empty = {
    message: { content: [] },
    reasoning: { summary: [], encrypted_content: null },
    function_call: { arguments: "" },
  };
  const blank = Object.entries(empty).find(([type]) => type === one.type)?.[1];
  return [
    { type: "response.output_item.added", output_index, item: { ...one, ...blank } },
    ...middle(one, at),
    { type: "response.output_item.done", output_index, item: one },
  ];
}

function middle(one: Sent, at: object): { type: string; [field: string]: unknown }[] {
  if (one.type === "function_call") {
    const deltas = pieces(String(one.arguments)).map((delta) => ({
      type: "response.function_call_arguments.delta",
      ...at,
      delta,
    }));
    return [
      ...deltas,
      { type: "response.function_call_arguments.done", ...at, arguments: one.arguments },
    ];
  }
  const [first] = z.array(z.looseObject({ text: z.string() })).parse(one.content ?? one.summary);
  const place = one.type === "message" ? { content_index: 0 } : { summary_index: 0 };
  const kind = one.type === "message" ? "output_text" : "reasoning_summary_text";
  const deltas = pieces(first?.text ?? "").map((delta) => ({
    type: `response.${kind}.delta`,
    ...at,
    ...place,
    delta,
  }));
  if (one.type === "message") return deltas;
  return [
    { type: "response.reasoning_summary_part.added", ...at, ...place },
    ...deltas,
    { type: "response.reasoning_summary_part.done", ...at, ...place },
  ];
}

function usageOf({ usage }: Ready) {
  const input_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return {
    input_tokens,
    input_tokens_details: {
      cached_tokens: usage.cache_read_tokens,
      ...(usage.cache_write_tokens > 0 ? { cache_write_tokens: usage.cache_write_tokens } : {}),
    },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    total_tokens: input_tokens + usage.output_tokens,
  };
}

/** Items of one answer (text and calls without anything between) are one assistant turn. */
function turnsOf(input: readonly Item[]): ChatTurn[] {
  const turns: ChatTurn[] = [];
  const assistant = (content: string, tool_calls: readonly ToolCall[]) => {
    const last = turns.at(-1);
    if (last?.role !== "assistant") turns.push({ role: "assistant", content, tool_calls });
    else
      turns.splice(-1, 1, {
        ...last,
        content: last.content + content,
        tool_calls: [...last.tool_calls, ...tool_calls],
      });
  };
  for (const one of input) {
    if ("role" in one) {
      const content =
        typeof one.content === "string"
          ? one.content
          : one.content.map(({ text }) => text).join("");
      if (one.role === "assistant") assistant(content, []);
      else turns.push({ role: one.role === "user" ? "user" : "system", content });
    } else if (one.type === "function_call_output") {
      turns.push({ role: "tool", tool_call_id: one.call_id, content: one.output });
    } else if (one.type === "function_call") {
      const value = z.record(z.string(), z.unknown()).parse(JSON.parse(one.arguments));
      assistant("", [{ id: one.call_id, name: one.name, arguments: value }]);
    }
  }
  return turns;
}

/** A reasoning item stands for all calls up to the next turn of ours. */
function signaturesOf(input: readonly Item[]): Told["signatures"] {
  let signature: string | undefined;
  return input.flatMap((one) => {
    if ("role" in one || one.type === "function_call_output") {
      if (!("role" in one) || one.role !== "assistant") signature = undefined;
      return [];
    }
    if (one.type === "reasoning") {
      signature = one.encrypted_content;
      return [{ call_id: "", signature }];
    }
    return signature === undefined ? [] : [{ call_id: one.call_id, signature }];
  });
}
