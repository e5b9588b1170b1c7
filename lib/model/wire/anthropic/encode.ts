// Owns an answer, a count and a refusal in the form of Anthropic's messages.
import type { StopReason } from "../../model.ts";
import { objectOf } from "../read.ts";
import type { RefusalForm, RefusalKind, Said, WireRequest } from "../wire.ts";

const STOPS: Record<StopReason, string> = {
  stop: "end_turn",
  "tool calls": "tool_use",
  length: "max_tokens",
  filtered: "refusal",
  other: "end_turn",
};

export function stopOf({ stop_reason, tool_calls }: Said): string {
  return stop_reason === "stop" && tool_calls.length > 0 ? "tool_use" : STOPS[stop_reason];
}

export type Block =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly input: object;
    };

/** Reasoning, text, calls, in this order. */
export function blocksOf({ text, reasoning, seal, tool_calls }: Said, asked: WireRequest): Block[] {
  return [
    ...(seal === undefined || !asked.reasoning
      ? []
      : [{ type: "thinking" as const, thinking: reasoning, signature: seal }]),
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...tool_calls.map((call) => {
      const { id, name } = call;
      return { type: "tool_use" as const, id, name, input: objectOf(call) };
    }),
  ];
}

/** This form has no word for an unknown count. */
export function usageOf({ usage }: Said) {
  return {
    input_tokens: usage?.input_tokens ?? 0,
    cache_creation_input_tokens: usage?.cache_write_tokens ?? 0,
    cache_read_input_tokens: usage?.cache_read_tokens ?? 0,
    output_tokens: usage?.output_tokens ?? 0,
  };
}

export function encode(said: Said, asked: WireRequest): object {
  return {
    id: said.id,
    type: "message",
    role: "assistant",
    model: asked.model,
    content: blocksOf(said, asked),
    stop_reason: stopOf(said),
    stop_sequence: null,
    usage: usageOf(said),
  };
}

const ERRORS: Record<RefusalKind, readonly [status: number, type: string]> = {
  "bad request": [400, "invalid_request_error"],
  "context too long": [400, "invalid_request_error"],
  unauthorized: [401, "authentication_error"],
  over: [403, "permission_error"],
  "not found": [404, "not_found_error"],
  "too large": [413, "request_too_large"],
  "try again": [529, "overloaded_error"],
};

export function refusal(kind: RefusalKind, message: string): RefusalForm {
  const [status, type] = ERRORS[kind];
  // Programs know by these words that a shorter conversation would do.
  const words = kind === "context too long" ? `prompt is too long: ${message}` : message;
  return { status, body: { type: "error", error: { type, message: words } } };
}
