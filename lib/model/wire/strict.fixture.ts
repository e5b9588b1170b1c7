// Owns what the strictest servers and chat templates refuse in a conversation.
import type { ChatTurn } from "../model.ts";

/**
 * Why such a server refuses the turns, in its words; undefined when it takes them. System turns stand first; then users and
 * assistants alternate, where the results of an assistant's calls, each exactly once, stand in its place; nothing is empty.
 */
export function formProblem(turns: readonly ChatTurn[]): string | undefined {
  let open = new Set<string>();
  let before: ChatTurn["role"] = "system";
  for (const turn of turns) {
    const problem = turn.role === "tool" ? resultProblem(turn, open) : turnProblem(turn, before);
    if (problem !== undefined) return problem;
    if (turn.role !== "tool" && open.size > 0) return withoutResults(open);
    if (turn.role === "tool") open.delete(turn.tool_call_id);
    if (turn.role === "assistant") open = new Set(turn.tool_calls.map(({ id }) => id));
    before = turn.role;
  }
  return open.size > 0 ? withoutResults(open) : undefined;
}

const withoutResults = (open: ReadonlySet<string>) =>
  `calls without results: ${[...open].join(", ")}`;

function resultProblem(
  { tool_call_id }: Extract<ChatTurn, { role: "tool" }>,
  open: ReadonlySet<string>,
): string | undefined {
  if (open.has(tool_call_id)) return undefined;
  return `tool result "${tool_call_id}" answers no call of the turn before`;
}

function turnProblem(
  turn: Exclude<ChatTurn, { role: "tool" }>,
  before: ChatTurn["role"],
): string | undefined {
  const calls = turn.role === "assistant" ? turn.tool_calls.map(({ id }) => id) : [];
  if (turn.role === "system")
    return before === "system" ? undefined : "System message must be at the beginning.";
  if (turn.role === "user" && before === "tool") return "Unexpected role 'user' after role 'tool'";
  if (turn.role === before || (turn.role === "assistant" && before === "system"))
    return "Conversation roles must alternate user/assistant/user/assistant/...";
  if (turn.content.trim() === "" && calls.length === 0)
    return "messages: text content blocks must be non-empty";
  return new Set(calls).size < calls.length ? "Duplicate value for 'tool_call_id'" : undefined;
}
