// Owns what an assistant turn keeps for its provider: the order of its parts, reasoning, signatures.
import type { LanguageModelV4Message, SharedV4ProviderOptions } from "@ai-sdk/provider";
import { z } from "zod";
import type { ChatTurn, ToolCall } from "../model.ts";

type AssistantTurn = Extract<ChatTurn, { role: "assistant" }>;
type Content = Extract<LanguageModelV4Message, { role: "assistant" }>["content"];

/** By provider, what its own adapter wrote; it goes back unread. */
const metadata = z.record(z.string(), z.record(z.string(), z.json()));
/** Texts are slices of the turn's content and calls are named by id: nothing is kept twice that could then differ. */
const part = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), length: z.number().int(), metadata: metadata.optional() }),
  z.object({ type: z.literal("reasoning"), text: z.string(), metadata: metadata.optional() }),
  z.object({ type: z.literal("call"), id: z.string(), metadata: metadata.optional() }),
]);
const opaque = z.object({
  /** Which provider and model wrote it: signatures mean nothing to others. */
  author: z.string(),
  parts: z.array(part),
  metadata: metadata.optional(),
});
type OpaquePart = z.infer<typeof part>;
export type Opaque = z.infer<typeof opaque>;
export type Metadata = z.infer<typeof metadata>;

/** One part of an answer as it was streamed. */
export type AnswerPart =
  | { type: "text" | "reasoning"; text: string; metadata?: Metadata | undefined }
  | { type: "call"; call: ToolCall; metadata?: Metadata | undefined };

/** Metadata of an SDK's stream part; undefined when there is none. */
export function asMetadata(value: unknown): Metadata | undefined {
  const parsed = metadata.safeParse(value);
  if (!parsed.success) return undefined;
  const full = Object.entries(parsed.data).filter(([, own]) => Object.keys(own).length > 0);
  return full.length > 0 ? Object.fromEntries(full) : undefined;
}

/** What the answer's turn must keep; undefined when text and calls say everything. */
export function toOpaque(
  author: string,
  parts: readonly AnswerPart[],
  whole?: Metadata,
): Opaque | undefined {
  const plain = parts.every(({ type, metadata: own }) => type !== "reasoning" && !own);
  if (plain && whole === undefined) return undefined;
  return {
    author,
    parts: parts.map(kept),
    ...(whole === undefined ? {} : { metadata: whole }),
  };
}

function kept(from: AnswerPart): OpaquePart {
  const own = from.metadata === undefined ? {} : { metadata: from.metadata };
  if (from.type === "call") return { type: "call", id: from.call.id, ...own };
  if (from.type === "reasoning") return { type: "reasoning", text: from.text, ...own };
  return { type: "text", length: from.text.length, ...own };
}

/** An assistant turn as its author's SDK wants to see it again; plain when another model wrote it or it was changed since. */
export function assistantMessage(turn: AssistantTurn, author: string): LanguageModelV4Message {
  const parsed = opaque.safeParse(turn.opaque);
  const own = parsed.success && parsed.data.author === author ? parsed.data : undefined;
  const content = own && restored(turn, own.parts);
  if (content === undefined) return { role: "assistant", content: plain(turn) };
  return { role: "assistant", content, ...options(own?.metadata) };
}

function restored(turn: AssistantTurn, parts: readonly OpaquePart[]): Content | undefined {
  const calls = new Map(turn.tool_calls.map((call) => [call.id, call]));
  let at = 0;
  const content: Content = [];
  for (const piece of parts) {
    const providerOptions = options(piece.metadata);
    if (piece.type === "reasoning") {
      content.push({ type: "reasoning", text: piece.text, ...providerOptions });
    } else if (piece.type === "text") {
      const text = turn.content.slice(at, at + piece.length);
      at += piece.length;
      // A blank text is refused by some providers, but one with a signature has to go back.
      if (text.trim() !== "" || piece.metadata) {
        content.push({ type: "text", text, ...providerOptions });
      }
    } else {
      const call = calls.get(piece.id);
      if (!call) return undefined;
      calls.delete(piece.id);
      content.push({ ...callPart(call), ...providerOptions });
    }
  }
  return at === turn.content.length && calls.size === 0 ? content : undefined;
}

function plain({ content, tool_calls }: AssistantTurn): Content {
  const text = content.trim() === "" ? [] : [{ type: "text" as const, text: content }];
  return [...text, ...tool_calls.map(callPart)];
}

/** A malformed call goes back with no arguments: providers refuse what is not a JSON object, and its answer explains what was wrong. */
function callPart(call: ToolCall) {
  return {
    type: "tool-call" as const,
    toolCallId: call.id,
    toolName: call.name,
    input: call.arguments,
  };
}

function options(own: Metadata | undefined): { providerOptions?: SharedV4ProviderOptions } {
  return own === undefined ? {} : { providerOptions: own };
}

/** The thoughts that an answer's own part holds as text, for people and programs to read; empty where there are none. */
export function reasoningText(value: unknown): string {
  const parsed = opaque.safeParse(value);
  if (!parsed.success) return "";
  return parsed.data.parts.flatMap((one) => (one.type === "reasoning" ? [one.text] : [])).join("");
}
