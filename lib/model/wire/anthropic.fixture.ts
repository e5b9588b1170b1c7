// Owns Anthropic's Messages API as a local server speaks it.
import { z } from "zod";
import type { ChatTurn, StopReason } from "../model.ts";
import { pieces, type Ready } from "./script.fixture.ts";
import { frame, type Protocol, parsed, Refused, type Told } from "./serve.fixture.ts";

const MOST_CACHE_MARKS = 4;
const mark = { cache_control: z.object({ type: z.literal("ephemeral") }).optional() };
const text = z.object({ type: z.literal("text"), text: z.string().regex(/\S/), ...mark });
const block = z.discriminatedUnion("type", [
  text,
  z.object({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  z.object({
    type: z.literal("tool_use"),
    id: z.string().regex(/^[\w-]+$/),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
    ...mark,
  }),
  z.object({
    type: z.literal("tool_result"),
    tool_use_id: z.string(),
    content: z.string(),
    ...mark,
  }),
]);
type Block = z.infer<typeof block>;
const schema = z.object({
  model: z.string().min(1),
  max_tokens: z.number().int().positive(),
  system: z.array(text).optional(),
  tools: z.array(z.object({ name: z.string(), input_schema: z.looseObject({}) })).default([]),
  messages: z
    .array(z.object({ role: z.enum(["user", "assistant"]), content: z.array(block).min(1) }))
    .min(1),
});
type Message = z.infer<typeof schema>["messages"][number];

export const anthropic: Protocol = {
  serves: (path) => path === "/v1/messages",
  key: (headers) => headers.get("x-api-key"),
  streams: (body) => body.stream === true,
  insists_on_signatures: true,
  read(body, { headers }) {
    if (headers.get("anthropic-version") === null) throw new Refused("anthropic-version: required");
    const { model, system = [], tools, messages } = parsed(schema, body);
    if (messages[0]?.role !== "user") throw new Refused("messages: first must be the user's");
    if (messages.some(({ role }, index) => index > 0 && role === messages[index - 1]?.role))
      throw new Refused("messages: roles must alternate");
    const marks = JSON.stringify(body).split('"cache_control"').length - 1;
    if (marks > MOST_CACHE_MARKS)
      throw new Refused(`${marks} blocks with cache_control, 4 at most`);
    const spoken = system.map((one): ChatTurn => ({ role: "system", content: one.text }));
    return {
      model,
      tools: tools.map(({ name }) => name),
      turns: [...spoken, ...messages.flatMap(turnsOf)],
      signatures: messages.flatMap(signaturesOf),
    };
  },
  frames(answer) {
    const { id, model, usage } = answer;
    const counts = inputCounts(answer);
    const start = { id, model, type: "message", role: "assistant", content: [], stop_reason: null };
    const delta = { stop_reason: STOP[answer.stop_reason], stop_sequence: null };
    const events: { type: string }[] = [
      {
        type: "message_start",
        ...{
          message: {
            ...start,
            usage: { ...counts, output_tokens: Math.min(1, usage.output_tokens) },
          },
        },
      },
      { type: "ping" },
      ...blocksOf(answer).flatMap(blockEvents),
      {
        type: "message_delta",
        ...{
          delta,
          usage: {
            output_tokens: usage.output_tokens,
            output_tokens_details: { thinking_tokens: usage.reasoning_tokens },
          },
        },
      },
      { type: "message_stop" },
    ];
    return events.map((event) => frame(event, event.type));
  },
  overloaded: frame(
    { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    "error",
  ),
  whole: (answer) => ({
    id: answer.id,
    type: "message",
    role: "assistant",
    model: answer.model,
    content: blocksOf(answer).map(({ json, ...one }) =>
      json === undefined ? one : { ...one, input: JSON.parse(json) },
    ),
    stop_reason: STOP[answer.stop_reason],
    stop_sequence: null,
    usage: { ...inputCounts(answer), output_tokens: answer.usage.output_tokens },
  }),
  error: (status, message) => ({
    type: "error",
    error: { type: ERROR_TYPES[status] ?? "api_error", message },
    request_id: "req_wire",
  }),
};

const ERROR_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};
const STOP: Record<StopReason, string> = {
  stop: "end_turn",
  "tool calls": "tool_use",
  length: "max_tokens",
  filtered: "refusal",
  other: "pause_turn",
};

function inputCounts({ usage }: Ready) {
  return {
    input_tokens: usage.input_tokens,
    cache_creation_input_tokens: usage.cache_write_tokens,
    cache_read_input_tokens: usage.cache_read_tokens,
  };
}

type Sent = { type: string; json?: string; [field: string]: unknown };

function blocksOf({ reasoning, signature, text: said, tool_calls }: Ready): Sent[] {
  return [
    ...(reasoning === "" ? [] : [{ type: "thinking", thinking: reasoning, signature }]),
    ...(said === "" ? [] : [{ type: "text", text: said }]),
    ...tool_calls.map(({ id, name, json }) => ({ type: "tool_use", id, name, input: {}, json })),
  ];
}

function blockEvents({ json, ...content }: Sent, index: number): { type: string }[] {
  const { text: said, thinking, signature, ...rest } = content;
  const delta = (type: string, field: string, value: unknown) => ({
    type: "content_block_delta",
    ...{ index, delta: { type, [field]: value } },
  });
  const start =
    said !== undefined
      ? { ...rest, text: "" }
      : thinking !== undefined
        ? { ...rest, thinking: "", signature: "" }
        : rest;
  return [
    { type: "content_block_start", ...{ index, content_block: start } },
    ...pieces(String(thinking ?? "")).map((piece) => delta("thinking_delta", "thinking", piece)),
    ...(signature === undefined ? [] : [delta("signature_delta", "signature", signature)]),
    ...pieces(String(said ?? "")).map((piece) => delta("text_delta", "text", piece)),
    ...pieces(json ?? "").map((piece) => delta("input_json_delta", "partial_json", piece)),
    { type: "content_block_stop", ...{ index } },
  ];
}

/** Results come first in a message of the user's, and texts behind them. */
function turnsOf({ role, content }: Message): ChatTurn[] {
  if (role === "assistant") {
    const tool_calls = content.flatMap((one) =>
      one.type === "tool_use" ? [{ id: one.id, name: one.name, arguments: one.input }] : [],
    );
    return [{ role, content: textOf(content), tool_calls }];
  }
  return content.flatMap((one): ChatTurn[] => {
    if (one.type === "tool_result")
      return [{ role: "tool", tool_call_id: one.tool_use_id, content: one.content }];
    return one.type === "text" ? [{ role: "user", content: one.text }] : [];
  });
}

function textOf(content: readonly Block[]): string {
  return content.flatMap((one) => (one.type === "text" ? [one.text] : [])).join("");
}

function signaturesOf({ content }: Message): Told["signatures"][number][] {
  const thoughts = content.flatMap((one) => (one.type === "thinking" ? [one.signature] : []));
  const calls = content.flatMap((one) => (one.type === "tool_use" ? [one.id] : [""]));
  return thoughts.flatMap((signature) => calls.map((call_id) => ({ call_id, signature })));
}
