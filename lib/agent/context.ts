// Owns what the model sees of a transcript: the turns of a request, and which of them compaction may replace.
import type { ChatTurn } from "../model/model.ts";
import type { SummaryTurn, TranscriptTurn } from "./agent.ts";
import type { AgentConfig } from "./config.ts";
import { shortened } from "./observation.ts";

/** The system's and the task's turn, which no summary replaces. */
const OPENING = 2;
/** Of each turn, in the request for a summary: so that the request fits where the conversation did not. */
const SUMMARIZED = { head_bytes: 2000, tail_bytes: 2000 };

/**
 * The turns of the next request: the transcript with the last summary in place of what it replaces. Empty answers are
 * omitted, because providers refuse them when they are sent back; users' turns in a row become one, which all providers
 * take.
 */
export function shownTurns(
  transcript: readonly TranscriptTurn[],
  style: AgentConfig["tool_style"],
): ChatTurn[] {
  const shown: ChatTurn[] = [];
  for (const turn of withoutReplaced(transcript)) {
    const next = requestTurn(turn, style);
    const before = shown.at(-1);
    if (next === undefined) continue;
    if (next.role === "user" && before?.role === "user")
      shown[shown.length - 1] = { ...next, content: `${before.content}\n\n${next.content}` };
    else shown.push(next);
  }
  return shown;
}

function withoutReplaced(transcript: readonly TranscriptTurn[]): TranscriptTurn[] {
  const summary = lastSummary(transcript);
  const live = (turns: readonly TranscriptTurn[]) => turns.filter(({ role }) => role !== "summary");
  if (summary === undefined) return live(transcript);
  const opening = transcript.slice(0, summary.from_turn);
  return [...opening, summary, ...live(transcript.slice(summary.until_turn))];
}

function lastSummary(transcript: readonly TranscriptTurn[]) {
  return transcript.findLast(
    (turn): turn is SummaryTurn & { step: number } => turn.role === "summary",
  );
}

function requestTurn(turn: TranscriptTurn, style: AgentConfig["tool_style"]): ChatTurn | undefined {
  const { role, content } = turn;
  if (role === "tool") return { role, tool_call_id: turn.tool_call_id, content };
  if (role === "summary") return { role: "user", content };
  if (role !== "assistant") return { role, content };
  const tool_calls = style === "native" ? turn.tool_calls : [];
  if (content.trim() === "" && tool_calls.length === 0) return undefined;
  return { role, content, tool_calls, ...opaqueOf(turn) };
}

/** The field itself must be absent if the provider gave none. */
export function opaqueOf({ opaque }: { readonly opaque?: unknown }): { opaque?: unknown } {
  return opaque === undefined ? {} : { opaque };
}

/** What a summary may replace, and its text for whoever writes the summary. */
export type OlderTurns = Pick<SummaryTurn, "from_turn" | "until_turn"> & { readonly text: string };

/**
 * All turns between the opening and the last `keep_turns` answers, which stay whole with their observations. Undefined
 * when there is no answer among them that the last summary does not hold already.
 */
export function olderTurns(
  transcript: readonly TranscriptTurn[],
  keep_turns: number,
): OlderTurns | undefined {
  const answers = [...transcript.keys()].filter((at) => transcript[at]?.role === "assistant");
  const until_turn = answers.at(-keep_turns) ?? 0;
  const summary = lastSummary(transcript);
  const start = summary?.until_turn ?? OPENING;
  if (answers.length <= keep_turns || !answers.some((at) => at >= start && at < until_turn))
    return undefined;
  const turns = transcript.slice(start, until_turn).filter(({ role }) => role !== "summary");
  const text = [...(summary ? [summary.content] : []), ...turns.map(turnText)].join("\n\n");
  return { from_turn: OPENING, until_turn, text };
}

function turnText(turn: TranscriptTurn): string {
  if (turn.role !== "assistant") return `Shown:\n${shortened(turn.content, SUMMARIZED)}`;
  const calls = turn.tool_calls.map(({ arguments: given, malformed }) =>
    typeof given.command === "string" ? given.command : (malformed ?? JSON.stringify(given)),
  );
  const words = [turn.content, ...calls.map((call) => `$ ${call}`)].filter((text) => text !== "");
  return `Engineer:\n${words.map((text) => shortened(text, SUMMARIZED)).join("\n")}`;
}
