import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import { csvRecords } from "./csv.ts";
import { readHumanLabels } from "./human.ts";

const KEY = "one/alpha_task/task1/features_1_2";

function read(text: string) {
  using folder = temporaryFolder();
  const path = join(folder.path, "labels");
  writeFileSync(path, text);
  return readHumanLabels(path);
}
const human = (measure: string, subject: string, label: string | null) => ({
  attempt_key: KEY,
  measure,
  subject,
  label,
});
const EXPECTED = [
  human("communication error", "-", "unresponsive: no reply"),
  human("failure symptom", "-", null),
  human("speech act", "1", "plan"),
];

describe("labels of people", () => {
  const files: [form: string, text: string][] = [
    [
      "CSV",
      `attempt_key,measure,subject,label\n${KEY},communication error,-,unresponsive: no reply\n${KEY},failure-symptoms,,none\n${KEY},speech acts,1,plan`.replace(
        "speech acts",
        "speech-acts",
      ),
    ],
    [
      "CSV with quotes, CRLF, a byte order mark, other columns and order",
      `\uFEFFlabel,note,subject,measure,attempt_key\r\n"unresponsive: no reply","so, ""it"" is\r\nsaid",-,communication-errors,${KEY}\r\n\r\nno label,,-,failure symptom,${KEY}\r\n plan ,,1,speech act,${KEY}\r\n`,
    ],
    [
      "JSON lines",
      [
        {
          attempt_key: KEY,
          measure: "communication error",
          label: "unresponsive: no reply",
          by: "me",
        },
        { attempt_key: KEY, measure: "failure symptom", subject: "-", label: null },
        { attempt_key: KEY, measure: "speech act", subject: 1, label: "plan" },
      ]
        .map((one) => JSON.stringify(one))
        .join("\n\n"),
    ],
  ];
  test.each(files)("as %s", (_form, text) => {
    expect(read(text)).toEqual(EXPECTED as ReturnType<typeof read>);
  });

  const csv = (...lines: string[]) => ["attempt_key,measure,subject,label", ...lines].join("\n");
  const mistakes: [what: string, text: string, message: RegExp][] = [
    ["nothing in it", "", /first line must name the columns/],
    ["no column of labels", "attempt_key,measure\n", /first line must name the columns/],
    [
      "an unknown measure",
      csv(`${KEY},speech-act,1,plan`),
      /:2: unknown measure "speech-act": did you mean "speech-acts"\?/,
    ],
    [
      "an unknown label",
      csv(`${KEY},speech-acts,1,plan`, `${KEY},speech-acts,2,qestion`),
      /:3: unknown label "qestion": did you mean "question"\?/,
    ],
    [
      "a key that is none",
      csv("features_1_2,speech-acts,1,plan"),
      /:2: "features_1_2" is not an attempt key/,
    ],
    [
      "an act of the whole conversation",
      csv(`${KEY},speech-acts,-,plan`),
      /must be the number of a message/,
    ],
    [
      "a symptom of a message",
      csv(`${KEY},failure-symptoms,2,repetition`),
      /must be -, the whole conversation/,
    ],
    [
      "a thing twice",
      csv(`${KEY},speech-acts,1,plan`, "", `${KEY},speech-acts,1,update`),
      /:4: already labelled in line 2/,
    ],
    ["an open quote", csv(`${KEY},speech-acts,1,"plan`), /line 2: a quote is out of place/],
    ["a broken line of JSON", `{"attempt_key": "${KEY}"\n`, /:1: this line is not JSON/],
    ["JSON without a field", `{"attempt_key": "${KEY}", "label": null}`, /:1: measure: /],
  ];
  test.each(mistakes)("with %s are refused", (_what, text, message) => {
    expect(() => read(text)).toThrow(UsageError);
    expect(() => read(text)).toThrow(message);
  });
  test("that are not there are refused", () => {
    expect(() => readHumanLabels("/nowhere/labels.csv")).toThrow(/cannot be read/);
  });
});

describe("csvRecords", () => {
  const cases: [text: string, cells: string[][]][] = [
    ["", []],
    ["\n\r\n\n", []],
    ["a", [["a"]]],
    ["a,", [["a", ""]]],
    [",", [["", ""]]],
    ['""', [[""]]],
    ['"a\nb",c\nd', [["a\nb", "c"], ["d"]]],
    ['"a""b"\r\n', [['a"b']]],
  ];
  test.each(cases)("%j", (text, cells) => {
    expect(csvRecords(text).map((record) => [...record.cells])).toEqual(cells);
  });
  test.each(['a"b', '"a"b', '"a', "a\rb"])("refuses %j", (text) => {
    expect(() => csvRecords(text)).toThrow(UsageError);
  });
  test("tells the line in which a record begins", () => {
    expect(csvRecords('a\n"b\nc"\nd').map(({ line }) => line)).toEqual([1, 2, 4]);
  });
});
