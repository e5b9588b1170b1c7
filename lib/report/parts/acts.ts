// Owns the part `acts`: what messages do, by rules.
import { count, RUN, rate, text } from "../columns.ts";
import { contextConversations } from "../measures/conversations.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "acts",
  label: "Speech acts",
  summary:
    "One label per message, by rules for English, the first that holds: question, answer, plan, update, acknowledgement.",
  empty: "no message was sent",
  by: ["run", "act"],
  columns: {
    ...RUN,
    act: text("what a message does; `other`: no rule holds"),
    share: rate("share of the run's messages"),
    messages: count("messages with the label"),
  },
  source: [
    SOURCES.measures,
    { file: "lib/labels/conversation.ts", names: ["conversationOf"] },
    { file: "lib/labels/speech-acts.ts", names: ["speechAct"] },
  ],
  rows: (context) => contextConversations(context).acts,
  chapter: "Talking",
  slow: true,
};
