import { describe, expect } from "bun:test";
import fc from "fast-check";
import { fuzz, fuzzAsync } from "../core/fuzz.fixture.ts";
import { bytesLike, floodBytes, recordLike, texts } from "../core/fuzz-inputs.fixture.ts";
import { printing } from "../sandbox/printing.fixture.ts";
import { fetchList, takenFetches } from "./git.ts";
import type { Message } from "./mailbox.ts";
import { Journal } from "./redis-journal.ts";

const NAMES = ["from", "to", "content", "timestamp"];
const ITEM = '{"from":"agent2","to":"agent1","content":"hi","timestamp":1700000000.5}';
const TOKENS = [
  ...NAMES.map((name) => `"${name}":`),
  '"a"',
  "1e999",
  "-1",
  "8640000000001",
  '"2024-01-01T00:00:00Z"',
  '"+275760-09-13"',
  "{",
  "}",
  "[",
  ",",
];
const item = fc
  .oneof(
    bytesLike({ seeds: [ITEM], tokens: TOKENS }),
    recordLike(NAMES).map((value) => Buffer.from(JSON.stringify(value))),
  )
  .map((bytes) => bytes.toString("latin1"));

describe("an inbox", () => {
  fuzz(
    "of any bytes is read message by message, in order",
    { runs: 28_000, input: fc.array(item, { maxLength: 4 }) },
    (items) => {
      const messages = new Journal().read("agent1", items, 3);
      expect(messages.map(({ seq }) => seq)).toEqual(items.map((_, at) => at + 1));
      for (const message of messages) assertMessage(message);
    },
  );

  fuzz(
    "that is settled twice has nothing new the second time",
    { runs: 10_500, input: fc.array(item, { maxLength: 4 }) },
    (items) => {
      const journal = new Journal();
      expect(journal.settle("agent1", items)).toHaveLength(items.length);
      expect(journal.settle("agent1", items)).toEqual([]);
      expect(journal.unreadAfter("agent1", items)).toEqual(items);
    },
  );

  const content = texts({ tokens: ["\ud800", "é", "\0"] });
  fuzz(
    "holds what was written into it",
    { runs: 18_000, input: fc.tuple(content, content) },
    ([sender, content]) => {
      const { item } = new Journal().begin({ sender, recipient: "agent1", content, sent_step: 1 });
      expect(new Journal().read("agent1", [item], 1)).toMatchObject([
        { sender, content, recipient: "agent1" },
      ]);
    },
  );

  fuzz("of floods is read in time", { runs: 60, input: floodBytes(TOKENS) }, (bytes) => {
    for (const message of new Journal().read("agent1", [bytes.toString("latin1")], 1))
      assertMessage(message);
  });
});

function assertMessage({ sender, content, recipient, sent_at, read_step }: Message): void {
  expect([typeof sender, typeof content, recipient]).toEqual(["string", "string", "agent1"]);
  expect(read_step).not.toBeNull();
  expect(new Date(sent_at).toISOString()).toBe(sent_at);
}

const LINES = [
  "agent2=3\n",
  "agent2=0 agent3=12\n",
  "agent2=",
  "agent2=99999",
  "=1",
  " ",
  "\n",
  "__proto__=1",
  "constructor=1",
  "a=1 a=2",
  "-=1",
  "\r\n",
];
const NEVER = new AbortController().signal;

describe("a list of fetches", () => {
  const listing = bytesLike({ seeds: ["agent2=1\nagent2=2 agent3=0\n"], tokens: LINES });
  fuzzAsync(
    "is one that a replay can be given, or none",
    { runs: 21_000, input: listing },
    async (bytes) => {
      const taken = await takenFetches(printing(bytes), NEVER);
      expect(fetchList.parse(JSON.parse(JSON.stringify(taken)))).toEqual([...taken]);
      const lines = bytes.toString("latin1").split("\n").slice(0, -1);
      if (taken.length > 0) expect(taken).toHaveLength(lines.length);
    },
  );

  fuzzAsync(
    "is short, however long the file",
    { runs: 80, input: floodBytes(LINES) },
    async (bytes) => {
      expect((await takenFetches(printing(bytes), NEVER)).length).toBeLessThanOrEqual(2_000);
    },
  );
});
