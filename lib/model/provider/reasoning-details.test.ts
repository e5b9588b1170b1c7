import { expect, test } from "bun:test";
import { mergeDetails, type ReasoningDetail } from "./reasoning-details.ts";

const text = (index: number, said: string, more: ReasoningDetail = {}): ReasoningDetail => ({
  type: "reasoning.text",
  index,
  text: said,
  ...more,
});

const CASES: [name: string, pieces: ReasoningDetail[], expected: ReasoningDetail[]][] = [
  ["nothing", [], []],
  ["one", [text(0, "a", { id: null })], [text(0, "a", { id: null })]],
  [
    "a text in pieces, signed at its end",
    [text(0, "a", { signature: null }), text(0, "b"), text(0, "", { signature: "s" })],
    [text(0, "ab", { signature: "s" })],
  ],
  ["two blocks", [text(0, "a"), text(1, "b"), text(1, "c")], [text(0, "a"), text(1, "bc")]],
  [
    "another type under the same index",
    [text(0, "a"), { type: "reasoning.encrypted", index: 0, data: "x" }],
    [text(0, "a"), { type: "reasoning.encrypted", index: 0, data: "x" }],
  ],
  [
    "what a later piece leaves null is kept",
    [
      { type: "reasoning.summary", index: 0, summary: "a", format: "f" },
      { type: "reasoning.summary", index: 0, summary: "b", format: null },
    ],
    [{ type: "reasoning.summary", index: 0, summary: "ab", format: "f" }],
  ],
];
test.each(CASES)("%s", (_, pieces, expected) => {
  expect(mergeDetails(pieces)).toEqual(expected);
});
