// Owns an answer as the events of Anthropic's messages.
import { type RefusalKind, type Said, sse, type WireRequest } from "../wire.ts";
import { type Block, blocksOf, refusal, stopOf, usageOf } from "./encode.ts";

export const ALIVE = event({ type: "ping" });

export function* stream(said: Said, asked: WireRequest): Iterable<string> {
  const usage = usageOf(said);
  const head = { id: said.id, type: "message", role: "assistant", model: asked.model, content: [] };
  const ends = { stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } };
  yield event({ type: "message_start", message: { ...head, ...ends } });
  yield ALIVE;
  for (const [index, block] of blocksOf(said, asked).entries()) yield* blockEvents(block, index);
  const delta = { stop_reason: stopOf(said), stop_sequence: null };
  yield event({ type: "message_delta", delta, usage });
  yield event({ type: "message_stop" });
}

export function broken(kind: RefusalKind, message: string): string {
  return sse(refusal(kind, message).body, "error");
}

function* blockEvents(block: Block, index: number): Iterable<string> {
  yield event({ type: "content_block_start", index, content_block: blank(block) });
  for (const delta of deltasOf(block)) yield event({ type: "content_block_delta", index, delta });
  yield event({ type: "content_block_stop", index });
}

function blank(block: Block): object {
  if (block.type === "text") return { ...block, text: "" };
  if (block.type === "thinking") return { ...block, thinking: "", signature: "" };
  return { ...block, input: {} };
}

function deltasOf(block: Block): object[] {
  if (block.type === "text") return [{ type: "text_delta", text: block.text }];
  if (block.type === "tool_use")
    return [{ type: "input_json_delta", partial_json: JSON.stringify(block.input) }];
  const { thinking, signature } = block;
  return [
    ...(thinking === "" ? [] : [{ type: "thinking_delta", thinking }]),
    { type: "signature_delta", signature },
  ];
}

function event(data: { readonly type: string; readonly [field: string]: unknown }): string {
  return sse(data, data.type);
}
