import { describe, expect, test } from "bun:test";
import { conversationOf, type Said } from "./conversation.ts";

/** From agent1 to agent2 unless said otherwise; sent in its step, read by the partner in the next. */
function said(content: string, step: number, fields: Partial<Said> = {}): Said {
  const sender = fields.sender ?? "agent1";
  return {
    sender,
    recipient: sender === "agent1" ? "agent2" : "agent1",
    content,
    sent_at: null,
    sent_step: step,
    read_at: null,
    read_step: step + 1,
    ...fields,
  };
}
const back = (content: string, step: number, fields: Partial<Said> = {}) =>
  said(content, step, { sender: "agent2", ...fields });
/** Nobody wrote down when it was sent and read. */
const UNKNOWN = { sent_at: null, sent_step: null, read_at: null, read_step: null };
const ASKED = "Which files do you take?";
const REPLY = "The parser and its tests.";

const QUESTIONS: readonly [
  what: string,
  messages: readonly Said[],
  acts: string,
  unanswered: number,
][] = [
  [
    "is answered by what comes after it was read",
    [said(ASKED, 1), back(REPLY, 2)],
    "question answer",
    0,
  ],
  [
    "is not answered by what was sent before it was read",
    [said(ASKED, 3), back(REPLY, 3)],
    "question other",
    1,
  ],
  ["is not answered by silence", [said(ASKED, 1)], "question", 1],
  [
    "that is not read is not answered",
    [said(ASKED, 1, { read_step: null }), back("I will start.", 5)],
    "question plan",
    1,
  ],
  [
    "is answered once",
    [said(ASKED, 1), back(REPLY, 2), back(REPLY, 3)],
    "question answer other",
    0,
  ],
  [
    "is not answered by its own writer",
    [said(ASKED, 1), said("I take the lexer.", 2)],
    "question plan",
    1,
  ],
  [
    "is written back to, but not answered, by a question",
    [said(ASKED, 1), back("Why?", 2), said(REPLY, 3), back(REPLY, 4)],
    "question question answer answer",
    0,
  ],
  [
    "that is one of two is answered with the other",
    [said(ASKED, 1), said("And when?", 2), back(REPLY, 3)],
    "question question answer",
    0,
  ],
  [
    "is answered in order where nothing says who read what",
    [said(ASKED, 1, UNKNOWN), back(REPLY, 1, UNKNOWN)],
    "question answer",
    0,
  ],
  [
    "is answered by time where no steps are counted",
    [
      said(ASKED, 0, {
        sent_at: "2026-01-01T00:00:00.000Z",
        read_at: "2026-01-01T00:02:00.000Z",
        read_step: null,
      }),
      back("I will start.", 0, { sent_at: "2026-01-01T00:01:00.000Z" }),
      back(REPLY, 0, { sent_at: "2026-01-01T00:03:00.000Z" }),
    ],
    "question plan answer",
    0,
  ],
  [
    "to several is one, and answered when one writes back",
    [
      said(ASKED, 1),
      said(ASKED, 1, { recipient: "agent3" }),
      said(REPLY, 4, { sender: "agent3", recipient: "agent1" }),
    ],
    "question answer",
    0,
  ],
  [
    "is not answered by words to somebody else",
    [said(ASKED, 1), back(REPLY, 2, { recipient: "agent3" })],
    "question other",
    1,
  ],
];

describe("a question", () => {
  test.each(QUESTIONS)("%s", (_, messages, acts, unanswered) => {
    const found = conversationOf(messages).messages;
    expect(found.map(({ act }) => act).join(" ")).toBe(acts);
    expect(found.filter((message) => message.unanswered)).toHaveLength(unanswered);
  });
});

const TEXT = "I will only change the parser in lib/parse.ts below line forty";
const REPETITIONS: readonly [what: string, second: Said, repeats: boolean][] = [
  ["the same again", said(TEXT, 2), true],
  ["the same with other marks and case", said(`**${TEXT.toUpperCase()}!**`, 2), true],
  ["one word of ten changed", said(TEXT.replace("forty", "fifty"), 2), true],
  ["three words changed", said(TEXT.replace("change the parser", "touch a lexer"), 2), false],
  ["the same from the other", back(TEXT, 2), false],
  ["a part of it", said("I will only change the parser", 2), false],
];

describe("a near-duplicate", () => {
  test.each(REPETITIONS)("%s", (_, second, repeats) => {
    const found = conversationOf([said(TEXT, 1), second]).messages;
    expect(found.map((message) => message.repeats)).toEqual([false, repeats]);
  });

  test("is no short thanks, and no copy to another partner", () => {
    const thanks = [said("Thanks a lot!", 1), said("Thanks a lot!", 2)];
    expect(conversationOf(thanks).messages.map(({ repeats }) => repeats)).toEqual([false, false]);
    const copies = [said(TEXT, 1), said(TEXT, 1, { recipient: "agent3" })];
    expect(conversationOf(copies).messages).toMatchObject([{ copies: 2, repeats: false }]);
  });
});

test("turns change with the sender, and the first message tells when and how it all began", () => {
  const first = said("I'll take the parser. Is that fine?", 2, {
    sent_at: "2026-01-01T00:00:00.000Z",
  });
  const found = conversationOf([
    first,
    said("And the lexer.", 2),
    back("Yes.", 4),
    said("Thanks.", 6),
  ]);
  expect(found).toMatchObject({
    turns: 3,
    begins_with_plan: true,
    first_sent_at: "2026-01-01T00:00:00.000Z",
    first_sent_step: 2,
  });
  expect(found.messages[0]).toMatchObject({ act: "question", copies: 1 });
  expect(conversationOf([said("Hello", 0)]).first_sent_step).toBeNull();
});
