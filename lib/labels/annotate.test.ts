import { describe, expect, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import { annotate, type Saying } from "./annotate.ts";
import { addTalk, keyOf } from "./judge.fixture.ts";
import { annotatedLabels } from "./people.ts";

const KEY = keyOf("1_2");

function talked() {
  const ledger = memoryLedger();
  addTalk(ledger, KEY);
  const say = (more: Partial<Saying>) => annotate(ledger, { attempt_key: KEY, by: "ada", ...more });
  return { ledger, say, [Symbol.dispose]: () => ledger.close() };
}

describe("Annotate: kept is", () => {
  const CASES: [what: string, saying: Partial<Saying>, row: object][] = [
    [
      "a note",
      { note: "  odd\n\nindeed " },
      { subject: "-", measure: null, note: "odd\n\nindeed" },
    ],
    [
      "an own label",
      { label: "funny", message: 2 },
      { subject: "2", measure: null, label: "funny" },
    ],
    [
      "a label of a measure, by its flag's name",
      { measure: "speech-acts", message: 1, label: "question" },
      { subject: "1", measure: "speech act", label: "question" },
    ],
    [
      "that there is none",
      { measure: "communication-errors", label: "none" },
      { subject: "-", measure: "communication error", label: null },
    ],
    ["a lone surrogate, mended", { note: "a\ud800" }, { note: "a\ufffd" }],
  ];
  test.each(CASES)("%s", (_, saying, row) => {
    using here = talked();
    expect(here.say(saying)).toMatchObject({ annotated_by: "ada", ...row });
  });
});

describe("Annotate: refused is", () => {
  const CASES: [what: string, saying: Partial<Saying>, message: string][] = [
    ["nothing", {}, "give a label or a note"],
    ["nothing but space", { note: " \n", label: " " }, "give a label or a note"],
    ["an unknown attempt", { attempt_key: keyOf("1_3"), note: "n" }, "unknown attempt"],
    ["a path in place of a key", { attempt_key: "../x", note: "n" }, "unknown attempt"],
    ["a message that is not there", { message: 9, note: "n" }, "has no message 9"],
    ["an unknown measure", { measure: "speech-act", label: "plan" }, 'did you mean "speech-acts"?'],
    [
      "an unknown label",
      { measure: "speech-acts", message: 1, label: "plam" },
      'did you mean "plan"?',
    ],
    [
      "a measure without a label",
      { measure: "speech-acts", message: 1, note: "n" },
      "needs a label",
    ],
    [
      "a speech act of an attempt",
      { measure: "speech-acts", label: "plan" },
      "the number of a message",
    ],
    [
      "an error of a message",
      { measure: "communication-errors", message: 1, label: "none" },
      "the whole conversation",
    ],
    ["a label of two lines", { label: "a\nb" }, "must be one line"],
    ["a long label", { label: "a".repeat(81) }, "80 at most"],
    ["a long note", { note: "a".repeat(10_001) }, "10000 at most"],
    ["nobody's", { note: "n", by: " " }, "say who says it"],
  ];
  test.each(CASES)("%s", (_, saying, message) => {
    using here = talked();
    expect(() => here.say(saying)).toThrow(message);
    expect(here.ledger.annotations.all()).toEqual([]);
  });
});

test("Annotate: people's labels are a reference, one per thing; where they differ it is one person's", () => {
  using here = talked();
  const act = (message: number, label: string, by: string) =>
    here.say({ measure: "speech-acts", message, label, by });
  act(1, "question", "ada");
  act(1, "question", "bob");
  act(2, "update", "bob");
  here.say({ note: "no label" });
  const labels = (against: string) =>
    annotatedLabels(here.ledger, against).map(({ subject, label }) => [subject, label]);
  const both = [
    ["1", "question"],
    ["2", "update"],
  ];
  expect(labels("annotations")).toEqual(both);
  act(1, "plan", "ada");
  expect(() => labels("annotations")).toThrow("people differ (bob: question; ada: plan)");
  expect(labels("annotations:bob")).toEqual(both);
  expect(labels("annotations:ada")).toEqual([["1", "plan"]]);
  expect(() => labels("annotations:adam")).toThrow('did you mean "ada"?');
});
