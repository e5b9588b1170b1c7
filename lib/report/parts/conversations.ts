// Owns the part `conversations`: how long conversations are, and how good.
import { number, RUN, SPREAD, TOTAL, text } from "../columns.ts";
import { contextConversations } from "../measures/conversations.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "conversations",
  label: "Conversations",
  summary:
    "Over attempts with a message; a text sent to several agents is one message. Unanswered: no reader wrote back after reading. Near-duplicate: shares four fifths of its words with an earlier message of its sender.",
  empty: "no message was sent",
  by: ["run", "measure"],
  columns: {
    ...RUN,
    measure: text("what is summed up over the run's attempts with a message"),
    ...SPREAD,
    ...TOTAL,
    per_message: number("total / messages of the run"),
  },
  source: [
    SOURCES.measures,
    { file: "lib/labels/conversation.ts", names: ["conversationOf"] },
    { file: "lib/labels/mentions.ts", names: ["mentionsIn"] },
    SOURCES.spread,
  ],
  rows: (context) => contextConversations(context).conversations,
  chapter: "Talking",
  slow: true,
};
