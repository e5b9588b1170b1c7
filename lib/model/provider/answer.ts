// Owns putting a streamed answer together, and telling a whole one from one that broke off.
import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { StopReason, ToolCall } from "../model.ts";
import { isTooDeep } from "../request.ts";
import { ProviderError } from "./error.ts";
import { type AnswerPart, asMetadata, type Metadata } from "./opaque.ts";
import { mergeUsage } from "./usage.ts";

type Finish = Extract<LanguageModelV4StreamPart, { type: "finish" }>;
type Named<T extends LanguageModelV4StreamPart["type"]> = Extract<
  LanguageModelV4StreamPart,
  { type: T }
>;
type Piece = Named<`text-${"start" | "delta" | "end"}` | `reasoning-${"start" | "delta" | "end"}`>;

export type Streamed = {
  readonly parts: readonly AnswerPart[];
  readonly finish: Finish;
  readonly response_model: string | null;
  /** What the server told of tokens, in its own form. */
  readonly raw_usage: unknown;
};

/**
 * Reads the stream to its end. Throws what the provider told in mid-stream as it came, and a ProviderError of kind
 * "connection" when the end that every protocol announces is missing.
 */
export async function readStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  name: string,
): Promise<Streamed> {
  const blocks = new Map<string, AnswerPart>();
  let finish: Finish | undefined;
  let response_model: string | null = null;
  let raw_usage: ReturnType<typeof mergeUsage>;
  for await (const part of stream) {
    if (part.type === "error") throw endedEarly(part.error) ? cutOff(name) : part.error;
    if (part.type === "finish") finish = part;
    else if (part.type === "response-metadata") response_model = part.modelId ?? response_model;
    else if (part.type === "raw") {
      response_model = modelVersion(part.rawValue) ?? response_model;
      raw_usage = mergeUsage(raw_usage, part.rawValue);
    } else if (part.type === "tool-call") addCall(blocks, callOf(part));
    else if (isPiece(part)) addPiece(blocks, part);
  }
  if (!finish || !isEnd(finish.finishReason)) throw cutOff(name);
  if (BROKEN.test(finish.finishReason.raw ?? ""))
    throw new ProviderError({ kind: "server", message: `${name} failed in mid-answer` });
  return { parts: [...blocks.values()], finish, response_model, raw_usage };
}

function isPiece(part: LanguageModelV4StreamPart): part is Piece {
  return /^(text|reasoning)-(start|delta|end)$/.test(part.type);
}

/** Signatures come with any piece of a block, often with the last: later ones are added to earlier ones. */
function addPiece(blocks: Map<string, AnswerPart>, piece: Piece): void {
  const type = piece.type.startsWith("text") ? "text" : "reasoning";
  const key = `${type} ${piece.id}`;
  const before = blocks.get(key);
  const text = before && before.type !== "call" ? before.text : "";
  const delta = "delta" in piece ? piece.delta : "";
  const metadata = merged(before?.metadata, asMetadata(piece.providerMetadata));
  blocks.set(key, { type, text: text + delta, ...(metadata ? { metadata } : {}) });
}

function merged(left: Metadata | undefined, right: Metadata | undefined): Metadata | undefined {
  if (!left || !right) return left ?? right;
  const providers = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...providers].map((key) => [key, { ...left[key], ...right[key] }]));
}

/** Results name their calls: one without an id, or with that of another, gets its own. */
function addCall(blocks: Map<string, AnswerPart>, part: CallPart): void {
  const { id } = part.call;
  const isOwn = id !== "" && !blocks.has(`call ${id}`);
  const own = isOwn ? id : `call_${crypto.randomUUID().slice(0, 8)}`;
  blocks.set(`call ${own}`, { ...part, call: { ...part.call, id: own } });
}
type CallPart = Extract<AnswerPart, { type: "call" }>;

function callOf(part: Named<"tool-call">): CallPart {
  const metadata = asMetadata(part.providerMetadata);
  return { type: "call", call: toolCall(part), ...(metadata ? { metadata } : {}) };
}

/**
 * A call whose arguments are not a JSON object, or are nested too deeply, keeps them as they were written. No text
 * at all means no arguments.
 */
function toolCall({ toolCallId: id, toolName: name, input }: Named<"tool-call">): ToolCall {
  if (input.trim() === "") return { id, name, arguments: {} };
  const value = jsonObject(input);
  return value ? { id, name, arguments: value } : { id, name, arguments: {}, malformed: input };
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject && !isTooDeep(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** SDKs fill in these where the provider's own word for the end never came. */
function isEnd({ unified, raw }: LanguageModelV4FinishReason): boolean {
  return raw !== undefined || !["other", "error", "interrupted"].includes(unified);
}

function endedEarly(error: unknown): boolean {
  return error instanceof Error && /ended without a finish reason/i.test(error.message);
}

function cutOff(name: string): ProviderError {
  const message = `${name}: the answer broke off before its end`;
  return new ProviderError({ kind: "connection", message });
}

/** Gemini tells its model in every chunk, which its SDK does not hand on. */
function modelVersion(raw: unknown): string | undefined {
  if (typeof raw !== "object" || raw === null || !("modelVersion" in raw)) return undefined;
  return typeof raw.modelVersion === "string" ? raw.modelVersion : undefined;
}

const STOP_REASONS: Partial<Record<LanguageModelV4FinishReason["unified"], StopReason>> = {
  stop: "stop",
  "tool-calls": "tool calls",
  length: "length",
  "content-filter": "filtered",
};
/** Words for the server's own failure within an answer: OpenRouter's, SGLang's, Zhipu's, DeepSeek's. */
const BROKEN = /^(\w+_)?(error|abort(ed)?|cancell?ed|timeout|insufficient_system_resource)$/i;
/** Words that SDKs do not know, for an answer at its limit and for a filter. */
const FULL = /^(max_(\w+_)?tokens|max_length|length|model_context_window_exceeded)$/i;
const FILTERED =
  /filter|safety|refus|sensitive|prohibited|blocklist|recitation|moderat|policy|armor/i;

export function stopReason({ unified, raw }: LanguageModelV4FinishReason): StopReason {
  const known = STOP_REASONS[unified];
  if (known === undefined && FULL.test(raw ?? "")) return "length";
  return known ?? (FILTERED.test(raw ?? "") ? "filtered" : "other");
}
