import { describe, expect, test } from "bun:test";
import { messagesOf } from "./judge.fixture.ts";
import { checkQuotes } from "./verify.ts";

const talk = messagesOf([
  "Which of us edits parse.ts? I would\n\t rather not.",
  "Done (see `a.*b`, cost $1). Which of us edits parse.ts?",
  "ok",
  "日本語のメッセージです",
]);
const quote = (message: number, text: string) => ({ message, text });

describe("a quote", () => {
  const cases: [what: string, given: [number, string], found: [number, string] | undefined][] = [
    ["as it stands", [1, "edits parse.ts"], [1, "edits parse.ts"]],
    ["with other white space", [1, " would rather  not.\n"], [1, "would\n\t rather not."]],
    ["with signs of patterns", [2, "`a.*b`, cost $1)"], [2, "`a.*b`, cost $1)"]],
    ["in another message than named", [9, "cost $1)."], [2, "cost $1)."]],
    ["in the message named, though an earlier one has it", [2, "Which of us"], [2, "Which of us"]],
    ["that is short, but the whole message", [3, "ok"], [3, "ok"]],
    ["in another script", [4, "日本語のメッセージ"], [4, "日本語のメッセージ"]],
    ["in another case", [1, "which of us edits"], undefined],
    ["with another sign", [1, "edits parse.ts!"], undefined],
    ["with white space left out", [1, "Which ofus edits"], undefined],
    ["over the end of a message", [1, "rather not. Done (see"], undefined],
    ["that a pattern would find", [2, "`aXXb`, cost"], undefined],
    ["too short to prove anything", [1, "of us"], undefined],
    ["of nothing", [1, ""], undefined],
    ["of white space", [1, " \n "], undefined],
  ];
  test.each(cases)("%s", (_what, [message, text], found) => {
    expect(checkQuotes([quote(message, text)], talk)).toEqual({
      found: found === undefined ? [] : [quote(...found)],
      missing: found === undefined ? [text] : [],
    });
  });
});

describe("several quotes", () => {
  const cases: [what: string, given: [number, string][], places: number[]][] = [
    [
      "of two messages",
      [
        [1, "edits parse.ts"],
        [2, "cost $1)."],
      ],
      [1, 2],
    ],
    [
      "the same words of two messages",
      [
        [1, "Which of us"],
        [2, "Which of us"],
      ],
      [1, 2],
    ],
    [
      "the same twice",
      [
        [1, "edits parse.ts"],
        [1, "edits  parse.ts"],
      ],
      [1],
    ],
    [
      "one inside the other",
      [
        [1, "edits parse.ts"],
        [1, "Which of us edits parse.ts?"],
      ],
      [1],
    ],
    [
      "two places of one message",
      [
        [1, "Which of us"],
        [1, "edits parse.ts"],
      ],
      [1, 1],
    ],
  ];
  test.each(cases)("%s", (_what, given, places) => {
    const { found } = checkQuotes(
      given.map((one) => quote(...one)),
      talk,
    );
    expect(found.map(({ message }) => message)).toEqual(places);
  });
  test("a missing one is told beside those that are there", () => {
    const { found, missing } = checkQuotes(
      [quote(1, "edits parse.ts"), quote(1, "never said")],
      talk,
    );
    expect([found.length, missing]).toEqual([1, ["never said"]]);
  });
});
