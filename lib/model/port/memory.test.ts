import { describe, expect, test } from "bun:test";
import type { ChatTurn } from "../model.ts";
import type { WireTurn } from "../wire/wire.ts";
import { answerOf } from "./held.fixture.ts";
import { Memory } from "./memory.ts";

const opaque = { author: "anthropic/x", parts: [{ type: "reasoning", text: "Hm." }] };
const call = (id: string, name = "bash") => ({ id, name, arguments: {} });
const said = (content: string, more: object = {}): WireTurn => ({
  role: "assistant",
  content,
  tool_calls: [],
  ...more,
});

describe("S2: an answer handed back", () => {
  const CASES: [what: string, turns: (seal: string) => WireTurn[], isWhole: boolean][] = [
    [
      "as it was, with its seal",
      (seal) => [said("I look. ", { tool_calls: [call("a"), call("b", "edit")], seal })],
      true,
    ],
    [
      "without its seal",
      () => [said("I look. ", { tool_calls: [call("a"), call("b", "edit")] })],
      true,
    ],
    ["trimmed", () => [said("I look.", { tool_calls: [call("a"), call("b", "edit")] })], true],
    [
      "in parts",
      (seal) => [
        said("", { seal }),
        said("I look."),
        said("", { tool_calls: [call("a")] }),
        said("", { tool_calls: [call("b", "edit")] }),
      ],
      true,
    ],
    [
      "by the names of its calls, where a wire has no ids",
      (seal) => [
        said("I look.", { tool_calls: [call("call_of_turn_1_1"), call("x", "edit")], seal }),
      ],
      true,
    ],
    [
      "with other words",
      (seal) => [said("I leave.", { tool_calls: [call("a"), call("b", "edit")], seal })],
      false,
    ],
    [
      "without one of its calls",
      (seal) => [said("I look.", { tool_calls: [call("a")], seal })],
      false,
    ],
    ["under a seal that nobody set", () => [said("I look.", { seal: "forged" })], false],
  ];
  test.each(CASES)("%s", (_what, turns, isWhole) => {
    const memory = new Memory();
    const answer = answerOf({
      text: "I look. ",
      tool_calls: [call("a"), call("b", "edit")],
      opaque,
    });
    const { seal = "" } = memory.said(answer, 1);
    const [turn, ...others] = memory.restored(turns(seal));
    expect(others).toEqual([]);
    const whole: ChatTurn = {
      role: "assistant",
      content: "I look. ",
      tool_calls: answer.tool_calls,
      opaque,
    };
    if (isWhole) expect(turn).toEqual(whole);
    else expect(turn).not.toHaveProperty("opaque");
  });

  test("a text alone is found by its words", () => {
    const memory = new Memory();
    memory.said(answerOf({ text: "Done.\n", opaque }), 1);
    expect(memory.restored([said("Done.")])).toEqual([
      { role: "assistant", content: "Done.\n", tool_calls: [], opaque },
    ]);
  });

  test("two answers side by side stay two", () => {
    const memory = new Memory();
    memory.said(answerOf({ text: "One." }), 1);
    memory.said(answerOf({ text: "Two.", tool_calls: [call("a")] }), 2);
    const turns = [said("One."), said("Two.", { tool_calls: [call("a")] })];
    expect(memory.restored(turns).map(({ content }) => content)).toEqual(["One.", "Two."]);
  });

  test("seals are made of what they stand for: a replay gives the same", () => {
    const seals = [1, 2].map(() => new Memory().said(answerOf({ text: "x", opaque }), 1).seal);
    expect(seals[0]).toBe(seals[1] ?? "");
  });
});
