// Owns the translation of a conversation and its tools into the SDK's form.
import type {
  JSONSchema7,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import type { ChatTurn, Tool } from "../model.ts";
import { alternating } from "./alternate.ts";
import { assistantMessage } from "./opaque.ts";

type ToolTurn = Extract<ChatTurn, { role: "tool" }>;

/**
 * The turns as one prompt, in the form that every family takes. Answers to calls of one turn become one message, which
 * providers with alternating roles want.
 */
export function toPrompt(turns: readonly ChatTurn[], author: string): LanguageModelV4Prompt {
  const names = new Map(
    turns.flatMap((turn) =>
      turn.role === "assistant" ? turn.tool_calls.map(({ id, name }) => [id, name] as const) : [],
    ),
  );
  const prompt: LanguageModelV4Prompt = [];
  for (const turn of alternating(turns)) {
    const message = turn.role === "tool" ? toolMessage(turn, names) : messageOf(turn, author);
    const last = prompt.at(-1);
    if (message.role === "tool" && last?.role === "tool") last.content.push(...message.content);
    else if (message.content.length > 0) prompt.push(message);
  }
  return prompt;
}

function messageOf(turn: Exclude<ChatTurn, ToolTurn>, author: string): LanguageModelV4Message {
  if (turn.role === "assistant") return assistantMessage(turn, author);
  if (turn.role === "system") return { role: "system", content: turn.content };
  const content = turn.content.trim() === "" ? [] : [{ type: "text" as const, text: turn.content }];
  return { role: "user", content };
}

function toolMessage(turn: ToolTurn, names: ReadonlyMap<string, string>) {
  const result = {
    type: "tool-result" as const,
    toolCallId: turn.tool_call_id,
    toolName: names.get(turn.tool_call_id) ?? "unknown",
    output: { type: "text" as const, value: turn.content },
  };
  return { role: "tool" as const, content: [result] };
}

export function toTools(tools: readonly Tool[]): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, parameters }) => {
    const schema: unknown = parameters;
    if (!isSchema(schema))
      throw new TypeError(`parameters of tool "${name}" are not a JSON schema`);
    return { type: "function", name, description, inputSchema: schema };
  });
}

function isSchema(value: unknown): value is JSONSchema7 {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
