// Owns the one form of a conversation that every family of models takes: roles alternate, every call is answered once.
import type { ChatTurn, ToolCall } from "../model.ts";

type AssistantTurn = Extract<ChatTurn, { role: "assistant" }>;

const NOT_RUN = "This call was not run.";

/**
 * The same conversation: what a user's turn says behind a result goes into that result, turns of one role in a row become
 * one, calls without a result are given one, results without a call are told as text, turns that say nothing are left out. A conversation that has the form stays
 * as it is. Some servers refuse a user behind a tool (Mistral's), some templates two users in a row (Llama's, Gemma's).
 */
export function alternating(turns: readonly ChatTurn[]): ChatTurn[] {
  const shown: ChatTurn[] = [];
  let open: readonly ToolCall[] = [];
  const answerAll = () => {
    for (const { id } of open) shown.push({ role: "tool", tool_call_id: id, content: NOT_RUN });
    open = [];
  };
  for (const turn of turns) {
    if (saysNothing(turn)) continue;
    if (turn.role === "tool" && open.some(({ id }) => id === turn.tool_call_id)) {
      open = open.filter(({ id }) => id !== turn.tool_call_id);
      shown.push(turn);
      continue;
    }
    const said: ChatTurn = turn.role === "tool" ? { role: "user", content: turn.content } : turn;
    if (saysNothing(said)) continue;
    // A result without a call may stand between others; only what follows them all closes them.
    if (turn.role !== "tool" || shown.at(-1)?.role !== "tool") answerAll();
    if (said.role === "assistant") open = said.tool_calls;
    const before = shown.at(-1);
    const joined = before && both(before, said);
    if (joined === undefined) shown.push(said);
    else shown[shown.length - 1] = joined;
  }
  answerAll();
  return shown;
}

function saysNothing(turn: ChatTurn): boolean {
  if (turn.role === "tool" || turn.content.trim() !== "") return false;
  return turn.role !== "assistant" || turn.tool_calls.length === 0;
}

/** Both in one turn; undefined where they may follow each other, or cannot be one. */
function both(before: ChatTurn, turn: Exclude<ChatTurn, { role: "tool" }>): ChatTurn | undefined {
  const content = `${before.content}\n\n${turn.content}`;
  if (turn.role === "user")
    return before.role === "user" || before.role === "tool" ? { ...before, content } : undefined;
  if (turn.role !== "assistant" || before.role !== "assistant" || !isPlain(before))
    return undefined;
  return { ...turn, content };
}

/** A provider wants to see its own answers again as they were. */
function isPlain({ tool_calls, opaque }: AssistantTurn): boolean {
  return tool_calls.length === 0 && opaque === undefined;
}
