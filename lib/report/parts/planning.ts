// Owns the part `planning`: whether attempts that plan conflict less.
import { ATTEMPTS, CONFLICT_WILSON, CONFLICTS, count, number, RUN, text } from "../columns.ts";
import { contextConversations } from "../measures/conversations.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "planning",
  label: "Planning and conflicts",
  summary:
    "Attempts with a message. A first message that asks is a question by its label, and may hold a plan all the same.",
  empty: "no message was sent",
  by: ["run", "group"],
  columns: {
    ...RUN,
    group: text("which attempts with messages"),
    ...CONFLICTS,
    ...CONFLICT_WILSON,
    ...ATTEMPTS,
    plans: count("messages labelled plan"),
    questions: count("messages labelled question"),
    plan_question_ratio: number("plans / questions"),
  },
  source: [
    SOURCES.measures,
    { file: "lib/labels/conversation.ts", names: ["conversationOf"] },
    { file: "lib/labels/speech-acts.ts", names: ["speechAct"] },
    SOURCES.conflictRate,
  ],
  rows: (context) => contextConversations(context).planning,
  chapter: "Talking",
  slow: true,
};
