import { describe, expect, test } from "bun:test";
import { type GivenLabel, type Question, UNANSWERED } from "./labels.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";

const KEY = "one/alpha_task/task1/features_1_2";
const OTHER = "two/alpha_task/task1/features_1_2";
const ASKED: Question = {
  attempt_key: KEY,
  measure: "speech act",
  model: "anthropic/some",
  prompt_sha256: "words",
};
const label = (subject: string, word: string | null = "plan"): GivenLabel => ({
  subject,
  label: word,
  quotes: ["a quote"],
  answer: "said so",
});
const judged = (cost_usd: number | null, ...given: GivenLabel[]) => ({
  prompt: "prompt",
  cost_usd,
  given,
});

function filled(): Ledger {
  const ledger = memoryLedger();
  for (const key of [KEY, OTHER]) {
    addRun(ledger, { run: key.slice(0, 3) });
    ledger.attempts.put([attemptRecord(key)]);
  }
  return ledger;
}
const costs = (ledger: Ledger) =>
  ledger.query("SELECT subject, cost_usd FROM labels ORDER BY subject");

test("a judgement comes back as it was put, its cost parted among its labels", () => {
  using ledger = filled();
  ledger.labels.put(ASKED, judged(0.3, label("1"), label("2", null), label("3")));
  const rows = ledger.labels.standing(ASKED);
  expect(rows.map(({ labelled_at: _at, cost_usd: _usd, ...row }) => row)).toEqual(
    ["1", "2", "3"].map((subject) => ({
      ...ASKED,
      ...label(subject, subject === "2" ? null : "plan"),
      prompt: "prompt",
      cut_off: 0,
    })),
  );
  for (const { cost_usd } of rows) expect(cost_usd).toBeCloseTo(0.1, 12);
  expect(ledger.labels.spent(["one"]).usd).toBeCloseTo(0.3, 12);
});

test("asked again in the same words, the new labels stand alone, and have cost both answers", () => {
  using ledger = filled();
  ledger.labels.put(ASKED, judged(0.25, label("1"), label("2")));
  ledger.labels.put(ASKED, judged(0.5, label("1", "question")));
  expect(ledger.labels.standing(ASKED).map((row) => row.label)).toEqual(["question"]);
  expect(costs(ledger)).toEqual([{ subject: "1", cost_usd: 0.75 }]);
});

test("answers of no use leave what stands, are no finding, and are paid for by the label that comes after them", () => {
  using ledger = filled();
  ledger.labels.lose(ASKED, { answer: "Hm.", cost_usd: 0.125 });
  ledger.labels.lose(ASKED, { answer: "Hm?", cost_usd: 0.25 });
  expect(costs(ledger)).toEqual([{ subject: UNANSWERED, cost_usd: 0.375 }]);
  expect([ledger.labels.standing(ASKED), ledger.labels.findings()]).toEqual([[], []]);
  expect(ledger.labels.spent(["one"]).usd).toBe(0.375);
  ledger.labels.put(ASKED, judged(0.5, label("1")));
  expect(costs(ledger)).toEqual([{ subject: "1", cost_usd: 0.875 }]);
  ledger.labels.lose(ASKED, { answer: "", cost_usd: 1 });
  expect(ledger.labels.standing(ASKED).length).toBe(1);
  expect(ledger.labels.spent(["one"]).usd).toBe(1.875);
});

test("S11: calls that were cut off on the way to an answer are counted once, and stay when it is asked again", () => {
  using ledger = filled();
  ledger.labels.put(ASKED, { ...judged(0.5, label("1"), label("2")), cut_off: 2 });
  expect(ledger.labels.spent(["one"])).toEqual({ usd: 0.5, unpriced: 0, cut_off: 2 });
  ledger.labels.lose(ASKED, { answer: "Hm?", cost_usd: 0.25 });
  ledger.labels.put(ASKED, { ...judged(0.25, label("1")), cut_off: 1 });
  expect(ledger.labels.spent(["one"])).toEqual({ usd: 1, unpriced: 0, cut_off: 3 });
});

test("a price that is unknown makes the sum unknown, and counts nothing in what was spent", () => {
  using ledger = filled();
  ledger.labels.lose(ASKED, { answer: "", cost_usd: null });
  ledger.labels.put(ASKED, judged(0.5, label("1")));
  expect(costs(ledger)).toEqual([{ subject: "1", cost_usd: null }]);
  expect(ledger.labels.spent(["one"]).usd).toBe(0);
});

describe("answered", () => {
  const others: [what: string, question: Partial<Question>, prompt: string][] = [
    ["another attempt", { attempt_key: OTHER }, "prompt"],
    ["another measure", { measure: "failure symptom" }, "prompt"],
    ["another model", { model: "anthropic/other" }, "prompt"],
    ["other words", { prompt_sha256: "other" }, "prompt"],
    ["another conversation", {}, "other prompt"],
  ];
  test.each(others)("is not the question about %s", (_what, question, prompt) => {
    using ledger = filled();
    ledger.labels.put(ASKED, judged(0, label("1")));
    expect(ledger.labels.answered(ASKED, "prompt")).toBe(true);
    expect(ledger.labels.answered({ ...ASKED, ...question }, prompt)).toBe(false);
  });
  test("is not a question whose answers were of no use", () => {
    using ledger = filled();
    ledger.labels.lose(ASKED, { answer: "", cost_usd: 0 });
    expect(ledger.labels.answered(ASKED, "")).toBe(false);
  });
});

test("findings and spending are of the runs named; labels of other models stand beside", () => {
  using ledger = filled();
  ledger.labels.put(ASKED, judged(1, label("1")));
  ledger.labels.put({ ...ASKED, model: "openai/other" }, judged(2, label("1")));
  ledger.labels.put({ ...ASKED, attempt_key: OTHER }, judged(4, label("1")));
  const of = (runs?: string[]) =>
    ledger.labels.findings(runs).map(({ run, model }) => `${run} ${model}`);
  expect(of(["two"])).toEqual(["two anthropic/some"]);
  expect(of().sort()).toEqual(["one anthropic/some", "one openai/other", "two anthropic/some"]);
  expect([[], ["one"], ["one", "two"]].map((runs) => ledger.labels.spent(runs).usd)).toEqual([
    0, 3, 7,
  ]);
});

test("an attempt that is gone gets no label, and takes those it had with it", () => {
  using ledger = filled();
  ledger.labels.put(ASKED, judged(1, label("1")));
  ledger.superseded.setAside(KEY, "test");
  expect(costs(ledger)).toEqual([]);
  for (const store of [
    () => ledger.labels.put(ASKED, judged(1, label("1"))),
    () => ledger.labels.lose(ASKED, { answer: "", cost_usd: 1 }),
  ])
    expect(store).toThrow(expect.objectContaining({ code: "lease_lost" }));
});
