import { expect, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import type { Judged } from "../core/vocabulary.ts";
import { labelCounts } from "./counts.ts";
import { addTalk, keyOf } from "./judge.fixture.ts";
import { labelsOf, MEASURES, measureOf, NO_EVIDENCE, paperShare, TAXONOMY } from "./taxonomy.ts";

type Given = readonly (string | null)[];

function filled() {
  const ledger = memoryLedger();
  const give = (features: string, measure: Judged, given: Given, model = "m") => {
    const key = keyOf(features);
    if (!ledger.attempts.has(key)) addTalk(ledger, key);
    const labels = given.map((label, at) => ({
      subject: given.length === 1 ? "-" : String(at),
      label,
      quotes: [],
      answer: "",
    }));
    const question = { attempt_key: key, measure, model, prompt_sha256: "words" };
    ledger.labels.put(question, { prompt: "", cost_usd: 0, given: labels });
  };
  return { ledger, give };
}

test("failure symptoms: counts, shares, the paper's shares, and labels that nobody got", () => {
  const { ledger, give } = filled();
  using _ledger = ledger;
  const words = ["work overlap", "work overlap", "repetition", NO_EVIDENCE, null];
  for (const [at, word] of words.entries()) give(`1_${at + 2}`, "failure symptom", [word]);
  const rows = labelCounts(ledger, { runs: ["one"] });
  expect(rows.map(({ label }) => label)).toEqual([...labelsOf("failure symptom"), "no label"]);
  const of = (wanted: string) => rows.find(({ label }) => label === wanted);
  expect(of("work overlap")).toEqual({
    run: "one",
    measure: "failure symptom",
    label: "work overlap",
    attempts: 2,
    judged_attempts: 5,
    labels: 2,
    subjects: 5,
    share: 0.4,
    share_of_evident: 2 / 3,
    paper_share: 0.332,
    model: "m",
    prompt_sha256: "words",
  });
  expect(of("parameter flow")).toMatchObject({ attempts: 0, share: 0, share_of_evident: 0 });
  expect(of(NO_EVIDENCE)).toMatchObject({ share: 0.2, share_of_evident: null, paper_share: null });
  expect(of("no label")).toMatchObject({ attempts: 1, share: 0.2, paper_share: null });
});

test("speech acts are counted by message, and attempts once", () => {
  const { ledger, give } = filled();
  using _ledger = ledger;
  give("1_2", "speech act", ["plan", "plan", "question"]);
  give("1_3", "speech act", ["plan", "update"]);
  const [row] = labelCounts(ledger, {}).filter(({ label }) => label === "plan");
  expect(row).toMatchObject({
    attempts: 2,
    judged_attempts: 2,
    labels: 3,
    subjects: 5,
    share: 0.6,
  });
});

test("models are apart, and so are runs; a run without labels has no rows", () => {
  const { ledger, give } = filled();
  using _ledger = ledger;
  give("1_2", "communication error", ["repetition: same information"]);
  give("1_2", "communication error", [null], "other");
  const rows = labelCounts(ledger, {}).filter(({ labels }) => labels > 0);
  expect(rows.map(({ model, label }) => [model, label])).toEqual([
    ["m", "repetition: same information"],
    ["other", "no label"],
  ]);
  expect(labelCounts(ledger, { runs: ["two"] })).toEqual([]);
});

test("the paper's ten shares are those of its failed runs, and are all there is", () => {
  const shares = labelsOf("failure symptom").flatMap(
    (label) => paperShare("failure symptom", label) ?? [],
  );
  expect(shares).toEqual([0.332, 0.297, 0.147, 0.087, 0.043, 0.037, 0.017, 0.015, 0.013, 0.011]);
  expect(shares.reduce((total, share) => total + share)).toBeCloseTo(0.999, 9);
  for (const measure of MEASURES) {
    expect(measureOf(TAXONOMY[measure].flag)).toBe(measure);
    expect(measureOf(measure)).toBe(measure);
    expect(paperShare(measure, "toString")).toBeNull();
  }
});
