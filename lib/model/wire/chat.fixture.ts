// Owns the chat completions form as a local server speaks it: OpenAI's own, OpenRouter's, vLLM's.
import { z } from "zod";
import type { ChatTurn, StopReason } from "../model.ts";
import { pieces, type Ready } from "./script.fixture.ts";
import { frame, type Protocol, parsed } from "./serve.fixture.ts";

const call = z.object({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.object({ name: z.string(), arguments: z.string() }),
});
const message = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: z.string() }),
  z.object({ role: z.literal("user"), content: z.string().min(1) }),
  z.object({
    role: z.literal("assistant"),
    content: z.string().nullable(),
    tool_calls: z.array(call).min(1).optional(),
  }),
  z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
]);
const schema = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  tools: z
    .array(z.object({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }))
    .default([]),
});

export const bearer = (headers: Headers) =>
  headers.get("authorization")?.replace(/^Bearer /, "") ?? null;

export const chat: Protocol = {
  serves: (path) => path === "/v1/chat/completions",
  key: bearer,
  streams: (body) => body.stream === true,
  // Servers differ in what they want back; a test looks into the body.
  insists_on_signatures: false,
  read(body) {
    const { model, messages, tools } = parsed(schema, body);
    return {
      model,
      tools: tools.map((tool) => tool.function.name),
      turns: messages.map(turnOf),
      signatures: [],
    };
  },
  frames(answer) {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      frame({
        ...about(answer),
        object: "chat.completion.chunk",
        choices: [{ index: 0, delta, finish_reason }],
      });
    const usage = {
      ...about(answer),
      object: "chat.completion.chunk",
      choices: [],
      usage: usageOf(answer),
    };
    return [
      chunk({ role: "assistant", content: "" }),
      ...deltasOf(answer).map((delta) => chunk(delta)),
      chunk({}, FINISH[answer.stop_reason]),
      frame(usage),
      frame("[DONE]"),
    ];
  },
  overloaded: frame({ error: { code: 529, message: "Overloaded", type: "overloaded_error" } }),
  whole: (answer) => ({
    ...about(answer),
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: answer.text,
          ...(answer.tool_calls.length > 0 ? { tool_calls: answer.tool_calls.map(callOf) } : {}),
        },
        finish_reason: FINISH[answer.stop_reason],
      },
    ],
    usage: usageOf(answer),
  }),
  error: openaiError,
};

export function openaiError(status: number, text: string) {
  const [type, code] = ERRORS[status] ?? ["server_error", null];
  return { error: { message: text, type, param: null, code } };
}

const ERRORS: Record<number, readonly [type: string, code: string | null]> = {
  400: ["invalid_request_error", null],
  401: ["invalid_request_error", "invalid_api_key"],
  404: ["invalid_request_error", "model_not_found"],
  429: ["requests", "rate_limit_exceeded"],
};
const FINISH: Record<StopReason, string> = {
  stop: "stop",
  "tool calls": "tool_calls",
  length: "length",
  filtered: "content_filter",
  other: "unknown",
};

const about = ({ id, model }: Ready) => ({ id, model, created: 1_700_000_000 });

function callOf({ id, name, json }: Ready["tool_calls"][number]) {
  return { id, type: "function", function: { name, arguments: json } };
}

/** Reasoning in both spellings: as text, and in OpenRouter's signed form. */
function deltasOf({ reasoning, signature, text, tool_calls }: Ready): object[] {
  const signed = (fields: object) => ({
    type: "reasoning.text",
    index: 0,
    format: "wire",
    ...fields,
  });
  return [
    ...pieces(reasoning).map((piece) => ({
      reasoning_content: piece,
      reasoning_details: [signed({ text: piece })],
    })),
    ...(signature === "" ? [] : [{ reasoning_details: [signed({ text: "", signature })] }]),
    ...pieces(text).map((piece) => ({ content: piece })),
    ...tool_calls.flatMap((one, index) => {
      const [first = "", ...rest] = pieces(one.json);
      const opening = { ...callOf({ ...one, json: first }), index };
      const more = rest.map((piece) => ({ index, function: { arguments: piece } }));
      return [opening, ...more].map((delta) => ({ tool_calls: [delta] }));
    }),
  ];
}

function usageOf({ usage, cost_usd }: Ready) {
  const prompt_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return {
    prompt_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: prompt_tokens + usage.output_tokens,
    prompt_tokens_details: {
      cached_tokens: usage.cache_read_tokens,
      cache_write_tokens: usage.cache_write_tokens,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    ...(cost_usd === undefined ? {} : { cost: cost_usd }),
  };
}

function turnOf(one: z.infer<typeof message>): ChatTurn {
  if (one.role !== "assistant") return one;
  const tool_calls = (one.tool_calls ?? []).map(({ id, function: { name, arguments: json } }) => ({
    id,
    name,
    arguments: z.record(z.string(), z.unknown()).parse(JSON.parse(json)),
  }));
  return { role: "assistant", content: one.content ?? "", tool_calls };
}
