// Owns converting turns of a conversation with a model between CooperBench's messages and Tandem's transcript.
import type { TranscriptTurn } from "../../agent/agent.ts";
import type { ToolCall } from "../../model/model.ts";
import { asRecord, isRecord } from "./result.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A trajectory's messages as Tandem's transcript: content as text, tool calls with parsed arguments, steps counted by
 * the model's answers. A message with an unknown role is a user's turn, as JSON when it has no text.
 */
export function readTranscript(messages: unknown): TranscriptTurn[] {
  if (!Array.isArray(messages)) return [];
  let answers = 0;
  return messages.map((entry) => {
    const message = asRecord(entry);
    if (message.role === "assistant") answers++;
    const content = textOf(message.content) ?? JSON.stringify(entry) ?? "";
    const mail = message.role === "user" && content.startsWith("[Message from ");
    const counted = Math.max(1, mail ? answers + 1 : answers);
    const step = Number.isSafeInteger(message.step) ? Number(message.step) : counted;
    return { ...turnOf(message, content), step };
  });
}

function turnOf(message: Fields, content: string) {
  const { role, tool_call_id, from_turn, until_turn } = message;
  if (role === "assistant") {
    const opaque = message.opaque === undefined ? {} : { opaque: message.opaque };
    return { role, content, tool_calls: toolCalls(message.tool_calls), ...opaque } as const;
  }
  if (role === "tool" && typeof tool_call_id === "string")
    return { role, tool_call_id, content } as const;
  if (role === "summary" && typeof from_turn === "number" && typeof until_turn === "number")
    return { role, content, from_turn, until_turn, ...reasonOf(message) } as const;
  return { role: role === "system" ? "system" : "user", content } as const;
}

function reasonOf({ reason }: Fields): { reason?: string } {
  return typeof reason === "string" ? { reason } : {};
}

function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (content === null) return "";
  if (!Array.isArray(content)) return undefined;
  return content.map((part) => partText(part)).join("\n");
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  const { text } = asRecord(part);
  return typeof text === "string" ? text : JSON.stringify(part);
}

function toolCalls(calls: unknown): ToolCall[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((call, index) => {
    const said = asRecord(call);
    const called = isRecord(said.function) ? said.function : said;
    const id = typeof said.id === "string" ? said.id : `call${index + 1}`;
    const name = typeof called.name === "string" ? called.name : "unknown";
    return { id, name, ...readArguments(called.arguments) };
  });
}

function readArguments(given: unknown): Pick<ToolCall, "arguments" | "malformed"> {
  if (isRecord(given)) return { arguments: given };
  const text = typeof given === "string" ? given : JSON.stringify(given ?? {});
  try {
    const parsed: unknown = JSON.parse(text);
    if (isRecord(parsed)) return { arguments: parsed };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { arguments: {}, malformed: text };
}

/** Tandem's turns as CooperBench writes messages: tool calls as functions with arguments in JSON; all else stays. */
export function writeTranscript(turns: unknown): unknown[] {
  if (!Array.isArray(turns)) return [];
  return turns.map((turn) => {
    const { tool_calls, ...rest } = asRecord(turn);
    if (!Array.isArray(tool_calls) || tool_calls.length === 0) return rest;
    return { ...rest, tool_calls: tool_calls.map(writeCall) };
  });
}

function writeCall(call: unknown) {
  const { id, name, arguments: given, malformed } = asRecord(call);
  return {
    id,
    type: "function",
    function: {
      name,
      arguments: typeof malformed === "string" ? malformed : JSON.stringify(given),
    },
  };
}
