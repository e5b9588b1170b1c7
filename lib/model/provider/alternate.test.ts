import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ChatTurn } from "../model.ts";
import { formProblem } from "../wire/strict.fixture.ts";
import { alternating } from "./alternate.ts";

const user = (content: string): ChatTurn => ({ role: "user", content });
const tool = (id: string, content = id): ChatTurn => ({ role: "tool", tool_call_id: id, content });
const says = (content: string, ...ids: string[]): ChatTurn => ({
  ...{ role: "assistant", content },
  tool_calls: ids.map((id) => ({ id, name: "bash", arguments: {} })),
});
const SYSTEM: ChatTurn = { role: "system", content: "s" };
const TASK: readonly ChatTurn[] = [SYSTEM, user("task")];

describe("A2: roles alternate", () => {
  const CASES: [name: string, turns: ChatTurn[], shown: ChatTurn[]][] = [
    ["as it is", [says("", "a"), tool("a")], [says("", "a"), tool("a")]],
    [
      "mail behind a result",
      [says("", "a"), tool("a"), user("mail")],
      [says("", "a"), tool("a", "a\n\nmail")],
    ],
    [
      "mail and a note behind the last of several results",
      [says("", "a", "b"), tool("a"), tool("b"), user("note"), user("mail"), says("x")],
      [says("", "a", "b"), tool("a"), tool("b", "b\n\nnote\n\nmail"), says("x")],
    ],
    [
      "an empty answer between a result and a note",
      [says("", "a"), tool("a"), says(" "), user("empty")],
      [says("", "a"), tool("a", "a\n\nempty")],
    ],
    [
      "answers in a row",
      [says("one"), says("two", "a"), tool("a")],
      [says("one\n\ntwo", "a"), tool("a")],
    ],
    [
      "a call without a result",
      [says("", "a", "b"), tool("a"), user("x")],
      [says("", "a", "b"), tool("a"), tool("b", "This call was not run.\n\nx")],
    ],
    [
      "a result of a call that nobody made, between those of others",
      [says("", "a", "b"), tool("a"), tool("z"), tool("b")],
      [says("", "a", "b"), tool("a", "a\n\nz"), tool("b")],
    ],
    [
      "a result told twice, and one that comes late",
      [says("", "a", "b"), tool("a"), tool("a", "again"), user("mail"), tool("b", "late")],
      [
        says("", "a", "b"),
        tool("a", "a\n\nagain"),
        tool("b", "This call was not run.\n\nmail\n\nlate"),
      ],
    ],
    ["nothing said", [user(" "), says("")], []],
  ];
  test.each(CASES)("%s", (_, turns, shown) => {
    expect(alternating([...TASK, ...turns])).toEqual([...TASK, ...shown]);
  });
  test("a result without any call is told", () => {
    expect(alternating([...TASK, tool("a", "lost")])).toEqual([SYSTEM, user("task\n\nlost")]);
  });
  test("mail at the start", () => {
    expect(alternating([...TASK, user("mail")])).toEqual([SYSTEM, user("task\n\nmail")]);
  });
});

/** An answer with its results, of which some may be missing, and what is said behind them. */
const round = fc
  .record({
    text: fc.constantFrom("", " ", "text"),
    calls: fc.nat(3),
    answered: fc.nat(3),
    said: fc.array(fc.constantFrom("", "mail", "note"), { maxLength: 3 }),
  })
  .map(({ text, calls, answered, said }) => (at: number): ChatTurn[] => {
    const ids = Array.from({ length: calls }, (_, n) => `${at}_${n}`);
    const results = ids.slice(0, answered).map((id) => tool(id));
    return [says(text, ...ids), ...results, ...said.map(user)];
  });

test("A2: whatever was said, a strict server takes it, and nothing of it is lost", () => {
  const before = fc.array(fc.constantFrom("", "mail"), { maxLength: 2 });
  fc.assert(
    fc.property(before, fc.array(round, { maxLength: 8 }), (mail, rounds) => {
      const turns = [...TASK, ...mail.map(user), ...rounds.flatMap((make, at) => make(at))];
      const shown = alternating(turns);
      expect(formProblem(shown)).toBeUndefined();
      expect(alternating(shown)).toEqual(shown);
      const words = (all: readonly ChatTurn[]) =>
        all.flatMap(({ content }) => content.split(/\s+/)).filter((word) => word !== "");
      const told = words(shown).join(" ").replaceAll("This call was not run.", "").split(/\s+/);
      expect(told.filter((word) => word !== "")).toEqual(words(turns));
    }),
    { numRuns: 2_000 },
  );
});
