import { describe, expect, test } from "bun:test";
import { Journal } from "./redis-journal.ts";

const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");

/** A journal of messages to agent2, each with the text of its item; `read` were read already. */
function journalOf(texts: readonly string[], read: readonly number[] = []) {
  const journal = new Journal();
  for (const [index, content] of texts.entries()) {
    const draft = { sender: "agent1", recipient: "agent2", content, sent_step: 1 };
    const message = Journal.sent(draft, { ...journal.begin(draft), item: "" });
    journal.keep({ message, item: bytes(content) });
    if (read.includes(index)) message.read_at = message.sent_at;
  }
  return journal;
}

describe("after a restart an inbox must hold", () => {
  const CASES: [name: string, read: number[], found: string[], wanted: string[]][] = [
    ["all that is unread when it is empty", [0], [], ["b", "c"]],
    ["what it holds, when that is right", [0], ["b", "c"], ["b", "c"]],
    ["nothing that was read meanwhile", [0, 1], ["a", "b", "c"], ["c"]],
    ["the order of sending", [], ["c", "a"], ["a", "b", "c"]],
    ["what others have pushed, behind", [0], ["x", "b", "y"], ["b", "c", "x", "y"]],
    ["equal pushes of others each", [0, 1, 2], ["x", "x"], ["x", "x"]],
    [
      "another's push that equals a read one, once there are more than we know",
      [0],
      ["a", "a"],
      ["b", "c", "a"],
    ],
  ];
  test.each(CASES)("%s", (_, read, found, wanted) => {
    const journal = journalOf([..."abc"], read);
    expect(journal.unreadAfter("agent2", found)).toEqual(wanted);
    expect(journal.unreadAfter("agent2", wanted)).toEqual(wanted);
    expect(journal.unreadAfter("agent1", [])).toEqual([]);
  });
});

describe("settling an inbox", () => {
  test("adopts what is unknown and sees what others have read", () => {
    const journal = journalOf([..."aab"]);
    const changed = journal.settle("agent2", ["a", "x"]);
    expect(changed.map(({ content, read_at }) => [content, read_at !== null])).toEqual([
      ["x", false],
      ["a", true],
      ["b", true],
    ]);
    expect(journal.settle("agent2", ["a", "x"])).toEqual([]);
    expect(journal.messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

test("a number that was begun is used up", () => {
  const journal = new Journal();
  const draft = { sender: "agent1", recipient: "agent2", content: "x", sent_step: 1 };
  expect([journal.begin(draft).seq, journal.begin(draft).seq]).toEqual([1, 2]);
  expect(journal.messages).toEqual([]);
});
