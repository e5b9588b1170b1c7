import { describe, expect, test } from "bun:test";
import type { LabelFinding } from "../../db/labels.ts";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import { agreementRows, type ReferenceLabel } from "./agreement.ts";
import { addTalk, keyOf, TALK } from "./judge.fixture.ts";
import { ruleLabels } from "./rules.ts";

const acts = (words: string): ReferenceLabel[] =>
  words
    .split(" ")
    .flatMap((label, at) =>
      label === "."
        ? []
        : [{ attempt_key: "k", measure: "speech act", subject: String(at), label }],
    );
const found = (words: string, fields: Partial<LabelFinding> = {}): LabelFinding[] =>
  acts(words).map((one) => ({ ...one, run: "one", model: "m", prompt_sha256: "p", ...fields }));
const OF = { measure: "speech act", model: "m", prompt_sha256: "p" } as const;

test("rows of kappa, of each label and of each pair of labels, over what both have labelled", () => {
  const rows = agreementRows(
    acts("plan plan question update . plan other"),
    found("plan question question update plan . question"),
  );
  const kappa = rows.find(({ row }) => row === "kappa");
  expect(kappa).toMatchObject({ ...OF, in_common: 5, only_reference: 1, observed: 0.6 });
  expect(rows.filter(({ row }) => row === "label")).toEqual(
    [
      { label: "question", reference: 1, model_said: 3, both: 1, precision: 1 / 3, recall: 1 },
      { label: "plan", reference: 2, model_said: 1, both: 1, precision: 1, recall: 0.5 },
      { label: "update", reference: 1, model_said: 1, both: 1, precision: 1, recall: 1 },
      { label: "other", reference: 1, model_said: 0, both: 0, precision: null, recall: 0 },
    ].map((one) => ({ row: "label", ...OF, ...one })),
  );
  const cells = rows.flatMap((row) => (row.row === "confusion" ? row : []));
  expect(
    cells.map(({ reference_label, model_label, count }) => [reference_label, model_label, count]),
  ).toEqual([
    ["question", "question", 1],
    ["plan", "question", 1],
    ["plan", "plan", 1],
    ["update", "update", 1],
    ["other", "question", 1],
  ]);
});

test("models and prompts are compared apart; measures that the reference is silent about have no rows", () => {
  const rows = agreementRows(acts("plan update"), [
    ...found("plan update"),
    ...found("update plan", { model: "other" }),
    ...found("plan plan", { prompt_sha256: "q" }),
    ...found("plan", { measure: "failure symptom", label: "repetition" }),
  ]);
  const kappas = rows.flatMap((row) => (row.row === "kappa" ? row : []));
  expect(kappas.map(({ model, prompt_sha256, kappa }) => [model, prompt_sha256, kappa])).toEqual([
    ["m", "p", 1],
    ["other", "p", -1],
    ["m", "q", 0],
  ]);
});

test("having no label counts as one", () => {
  const silent = { measure: "communication error", subject: "-", label: null } as const;
  const rows = agreementRows(
    [{ attempt_key: "k", ...silent }],
    [{ attempt_key: "k", run: "one", model: "m", prompt_sha256: "p", ...silent }],
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ row: "label", label: "no label", both: 1, precision: 1, recall: 1 }),
  );
});

test("nothing in common is told, not made up", () => {
  const [row, ...rest] = agreementRows(acts("plan"), found(". plan"));
  expect(row).toMatchObject({ in_common: 0, only_reference: 1, kappa: null });
  expect(rest).toEqual([]);
});

describe("rules", () => {
  test("label every message; conversations with a message to several partners are left out", () => {
    using ledger = memoryLedger();
    addTalk(ledger, keyOf("1_2"));
    addTalk(ledger, keyOf("1_3"), { talk: [] });
    const labels = ruleLabels(ledger, [keyOf("1_2"), keyOf("1_3")]);
    expect(labels.map(({ subject }) => subject)).toEqual(["1", "2", "3"]);
    expect(labels[0]).toEqual({
      attempt_key: keyOf("1_2"),
      measure: "speech act",
      subject: "1",
      label: "question",
    });
    expect(labels.length).toBe(TALK.length);
  });
});
