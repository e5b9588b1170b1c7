import { expect, test } from "bun:test";
import { CALL_ENDS } from "../core/ends.ts";
import { Fault } from "../core/fault.ts";
import type { ChatTurn } from "../model/model.ts";
import { Lengths } from "./lengths.ts";

const refusal = new Fault(CALL_ENDS["bad request"].fault, "no", { hint: "none" });
const turns = (...lengths: number[]): ChatTurn[] =>
  lengths.map((length) => ({ role: "user", content: "x".repeat(length) }));

const CASES: [what: string, answered: ChatTurn[][], refused: ChatTurn[], mayBe: boolean][] = [
  ["nothing was answered", [], turns(10), false],
  ["more than was answered", [turns(10), turns(10, 10)], turns(10, 10, 10), true],
  ["the same again", [turns(10), turns(10, 10)], turns(10, 10), false],
  ["less, after a summary", [turns(10, 90), turns(5)], turns(5, 10), false],
  [
    "more turns, but shorter than one that was summed up",
    [turns(99), turns(5, 5, 5)],
    turns(5, 5, 5, 5),
    false,
  ],
  ["longer than all before a summary", [turns(99), turns(5, 5)], turns(5, 5, 99), true],
];
test.each(CASES)("%s", (_, answered, refused, mayBe) => {
  const lengths = new Lengths();
  for (const one of answered) lengths.answered(one);
  expect(lengths.mayBeTooLong(refusal, refused)).toBe(mayBe);
});
