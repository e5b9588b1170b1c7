import { describe, expect, test } from "bun:test";
import type { Judged } from "../core/vocabulary.ts";
import { readAnswer } from "./answer.ts";
import { GOOD, messagesOf, TALK } from "./judge.fixture.ts";

const talk = messagesOf(TALK);
const read = (measure: Judged, answer: unknown) =>
  readAnswer(measure, typeof answer === "string" ? answer : JSON.stringify(answer), talk);
const ERROR = GOOD["communication error"];
const SYMPTOM = GOOD["failure symptom"];

describe("a verdict", () => {
  test("is read with the conversation's own words as quotes", () => {
    const text = JSON.stringify(ERROR);
    expect(read("communication error", text)).toEqual({
      given: [
        {
          subject: "-",
          label: "unresponsive: ignored",
          quotes: ["Which of us edits parse.ts? I would\n  rather not", "all of them pass"],
          answer: text,
        },
      ],
    });
  });

  const good: [what: string, measure: Judged, answer: unknown, label: string | null][] = [
    [
      "in a fence",
      "failure symptom",
      `\`\`\`json\n${JSON.stringify(SYMPTOM)}\n\`\`\`\n`,
      "unresponsiveness",
    ],
    [
      "in a bare fence",
      "failure symptom",
      `\`\`\`\n${JSON.stringify(SYMPTOM)}\n\`\`\``,
      "unresponsiveness",
    ],
    ["without a label", "communication error", { reason: "", label: null, quotes: [] }, null],
    [
      "without evidence",
      "failure symptom",
      { ...SYMPTOM, label: "implementation failure" },
      "implementation failure",
    ],
  ];
  test.each(good)("%s", (_what, measure, answer, label) => {
    expect(read(measure, answer).given?.map((one) => one.label)).toEqual([label]);
  });

  const [first, second] = ERROR.quotes;
  const made = { message: 1, text: "I will edit parse.ts." };
  const dropped: [what: string, measure: Judged, answer: object, why: RegExp][] = [
    [
      "too few quotes",
      "communication error",
      { ...ERROR, quotes: [first] },
      /rests on 1 different quotes, and needs 2/,
    ],
    [
      "the same quote twice",
      "communication error",
      { ...ERROR, quotes: [first, first] },
      /rests on 1/,
    ],
    [
      "a quote that is made up",
      "communication error",
      { ...ERROR, quotes: [first, second, made] },
      /no message has the quote "I will edit parse\.ts\."/,
    ],
    [
      "no quote",
      "failure symptom",
      { ...SYMPTOM, quotes: [] },
      /rests on 0 different quotes, and needs 1/,
    ],
  ];
  test.each(dropped)("with %s loses its label, and says why", (_what, measure, answer, why) => {
    const [one] = read(measure, answer).given ?? [];
    expect(one).toMatchObject({ label: null, quotes: [] });
    expect(one?.answer.split("\n\n")[0]).toMatch(why);
    expect(one?.answer).toEndWith(JSON.stringify(answer));
  });
});

describe("an answer in another form is told what is wrong:", () => {
  const { labels } = GOOD["speech act"];
  const cases: [what: string, measure: Judged, answer: unknown, problem: RegExp][] = [
    ["nothing", "communication error", "", /not one JSON object/],
    [
      "words before it",
      "communication error",
      `Here: ${JSON.stringify(ERROR)}`,
      /not one JSON object/,
    ],
    [
      "two objects",
      "communication error",
      `${JSON.stringify(ERROR)}\n${JSON.stringify(ERROR)}`,
      /not one JSON object/,
    ],
    [
      "half an object",
      "communication error",
      JSON.stringify(ERROR).slice(0, -1),
      /not one JSON object/,
    ],
    ["a list", "communication error", [ERROR], /the object: /],
    ["null", "speech act", "null", /the object: /],
    ["an unknown label", "communication error", { ...ERROR, label: "rudeness" }, /^label: /],
    [
      "a label of another measure",
      "communication error",
      { ...ERROR, label: "question" },
      /^label: /,
    ],
    ["a field too many", "communication error", { ...ERROR, sure: true }, /sure/],
    ["a field too few", "communication error", { label: null, quotes: [] }, /^reason: /],
    [
      "a quote that is no object",
      "communication error",
      { ...ERROR, quotes: ["x"] },
      /^quotes\.0: /,
    ],
    [
      "a message that is no number",
      "communication error",
      { ...ERROR, quotes: [{ message: "1", text: "x" }] },
      /^quotes\.0\.message: /,
    ],
    [
      "a failure without a symptom",
      "failure symptom",
      { ...SYMPTOM, label: null },
      /implementation failure/,
    ],
    ["a message left out", "speech act", { labels: labels.slice(1) }, /message 1 has 0 labels/],
    ["a message twice", "speech act", { labels: [...labels, labels[1]] }, /message 2 has 2 labels/],
    [
      "a message that is not there",
      "speech act",
      { labels: [...labels, { message: 4, label: "plan" }] },
      /message 4 is not there/,
    ],
    [
      "no label for a message",
      "speech act",
      { labels: [{ message: 1, label: null }] },
      /labels\.0\.label: /,
    ],
  ];
  test.each(cases)("%s", (_what, measure, answer, problem) => {
    const reading = read(measure, answer);
    expect(reading.given).toBeUndefined();
    expect(reading.problem).toMatch(problem);
  });
});

test("speech acts come as one label a message", () => {
  expect(read("speech act", GOOD["speech act"]).given).toEqual([
    { subject: "1", label: "question", quotes: [], answer: '{"message":1,"label":"question"}' },
    { subject: "2", label: "update", quotes: [], answer: '{"message":2,"label":"update"}' },
    {
      subject: "3",
      label: "acknowledgement",
      quotes: [],
      answer: '{"message":3,"label":"acknowledgement"}',
    },
  ]);
});
