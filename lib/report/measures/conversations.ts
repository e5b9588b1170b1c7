// Owns what a report says about conversations: their size and quality, their speech acts, and planning against conflicts.

import type { Ledger } from "../../../db/ledger.ts";
import type { SaidRow } from "../../../db/measures.ts";
import { sumOf } from "../../core/lists.ts";
import { type Conversation, conversationOf } from "../../labels/conversation.ts";
import { SPEECH_ACTS, type SpeechAct } from "../../labels/speech-acts.ts";
import { perContext, scopeOf } from "../context.ts";
import type { ReportLine } from "../line.ts";
import { byRun, conflictColumns, type MeasureScope, shareOf, spreadColumns } from "./measure.ts";

/** The conversation of one attempt, counted; its texts are gone. */
type Talked = Conversation & {
  readonly run: string;
  /** Status of the naive merge. */
  readonly status: SaidRow["status"];
  readonly first_message_ms: number | null;
};

/** What is counted in a conversation; null if unknown, never NaN. */
const MEASURES: Readonly<Record<string, (of: Talked) => number | null>> = {
  messages: ({ messages }) => messages.length,
  turns: ({ turns }) => turns,
  first_message_ms: ({ first_message_ms }) => first_message_ms,
  first_message_step: ({ first_sent_step }) => first_sent_step,
  questions: (of) => countOf(of, "question"),
  unanswered_questions: ({ messages }) => messages.filter(({ unanswered }) => unanswered).length,
  near_duplicates: ({ messages }) => messages.filter(({ repeats }) => repeats).length,
  line_mentions: (of) => mentioned(of, "lines"),
  path_mentions: (of) => mentioned(of, "paths"),
};

/** The parts that are made from messages' texts. */
export type ConversationParts = Readonly<
  Record<"conversations" | "acts" | "planning", readonly ReportLine[]>
>;

/**
 * All three parts from one reading of the texts: time grows with the number of messages, memory does not hold their
 * texts. Several recipients of one text make one message.
 */
export function conversationParts(ledger: Ledger, scope: MeasureScope): ConversationParts {
  const runs = byRun(talkedIn(ledger, scope), scope);
  return {
    conversations: runs.flatMap(([run, talked]) => measureLines(run, talked)),
    acts: runs.flatMap(([run, talked]) => actLines(run, talked)),
    planning: runs.flatMap(([run, talked]) => planningLines(run, talked)),
  };
}

/** The same of a report's context, made once for all three. */
export const contextConversations = perContext((context) =>
  conversationParts(context.ledger, scopeOf(context)),
);

function talkedIn(ledger: Ledger, scope: MeasureScope): Talked[] {
  const found: Talked[] = [];
  let said: SaidRow[] = [];
  const close = () => {
    const [first] = said;
    if (first !== undefined) found.push(talkedOf(first, said));
    said = [];
  };
  for (const row of ledger.measures.said(scope)) {
    if (row.attempt_key !== said[0]?.attempt_key) close();
    said.push(row);
  }
  close();
  return found;
}

function talkedOf(first: SaidRow, said: readonly SaidRow[]): Talked {
  const { run, status } = first;
  return { ...conversationOf(said), run, status, first_message_ms: firstAfter(first) };
}

/** An imported attempt without a date begins with its first message, which says nothing about the time before it. */
function firstAfter({ sent_at, started_at, imported }: SaidRow): number | null {
  if (sent_at === null) return null;
  const after = Date.parse(sent_at) - Date.parse(started_at);
  return Number.isFinite(after) && (after > 0 || (after === 0 && imported === 0)) ? after : null;
}

/**
 * One line per run and measure, over its attempts with a message: messages, turns (runs of messages by one sender),
 * time and model call of the first message, questions, unanswered questions, near-duplicates, mentions of lines and of
 * file paths; quartiles, mean and total per attempt, and `per_message` for the whole run.
 */
function measureLines(run: string, talked: readonly Talked[]): ReportLine[] {
  const messages = sumOf(talked, (one) => one.messages.length);
  return Object.entries(MEASURES).map(([measure, of]): ReportLine => {
    const { total = null, ...spread } = spreadColumns(talked.map(of));
    // Times and places of first messages add up to nothing.
    if (measure.startsWith("first_")) return { run, measure, ...spread };
    const per_message = shareOf(typeof total === "number" ? total : null, messages);
    return { run, measure, ...spread, total, per_message };
  });
}

/** One line per run and speech act: messages with that label, and their share. */
function actLines(run: string, talked: readonly Talked[]): ReportLine[] {
  const all = sumOf(talked, ({ messages }) => messages.length);
  return [...SPEECH_ACTS, "other" as const].map((act) => {
    const messages = sumOf(talked, (one) => countOf(one, act));
    return { run, act, messages, share: shareOf(messages, all) };
  });
}

const GROUPS: readonly (readonly [group: string, has: (of: Talked) => boolean])[] = [
  ["first message is a plan", (of) => of.messages[0]?.act === "plan"],
  ["first message is no plan", (of) => of.messages[0]?.act !== "plan"],
  ["first message holds a plan", ({ begins_with_plan }) => begins_with_plan],
  ["first message holds none", ({ begins_with_plan }) => !begins_with_plan],
  ["merge conflicts", ({ status }) => status === "conflicts"],
  ["merge is clean", ({ status }) => status === "clean"],
];

/**
 * One line per run and group of its attempts with a message: those whose first message is a plan by its label and those
 * whose is not; the same for a first message that holds a plan, even after a question; those whose merge conflicts and
 * those whose is clean. Each with its conflict rate, its plans and questions, and plans / questions. Sources of what to
 * compare with: CooperBench, arXiv 2601.13295 (conflict rate 29.4 % with a planning first turn, 51.5 % without; ratio
 * 2.04 without conflict, 1.31 with).
 */
function planningLines(run: string, talked: readonly Talked[]): ReportLine[] {
  return GROUPS.map(([group, has]) => {
    const own = talked.filter(has);
    const plans = sumOf(own, (one) => countOf(one, "plan"));
    const questions = sumOf(own, (one) => countOf(one, "question"));
    const rates = conflictColumns(own);
    const plan_question_ratio = shareOf(plans, questions);
    return { run, group, attempts: own.length, ...rates, plans, questions, plan_question_ratio };
  });
}

function countOf({ messages }: Talked, act: SpeechAct): number {
  return messages.filter((message) => message.act === act).length;
}

function mentioned({ messages }: Talked, what: "lines" | "paths"): number {
  return sumOf(messages, ({ mentions }) => mentions[what]);
}
