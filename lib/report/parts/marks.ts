// Owns the part `marks`: what to know besides verdicts.
import type { OutcomeRow } from "../../../db/outcomes.ts";
import { DERIVED_POLICIES } from "../../core/vocabulary.ts";
import { count, RUN, text } from "../columns.ts";
import type { PartContext } from "../context.ts";
import type { ReportLine } from "../line.ts";
import type { Part } from "../part.ts";

export const part: Part = {
  name: "marks",
  label: "What to know besides verdicts",
  summary:
    "Marks decide nothing. A pass `unlike gold` lacks tests that pass with the reference patch.",
  empty: "no verdict has a mark; check-dataset finds out what gold patches pass, and what is flaky",
  by: ["run", "key", "feature", "mark"],
  columns: {
    ...RUN,
    key: text("key of the attempt"),
    feature: count("number of the feature"),
    mark: text("what to know besides the outcome of the feature's suite"),
    outcome: text("what the experiment found"),
  },
  source: [{ file: "db/marks.ts", names: ["byAttempt"] }],
  rows: markLines,
};

/** One row per mark of a feature's suite, under Tandem's own policies. */
function markLines({ ledger, policy, rows }: PartContext): ReportLine[] {
  const own = DERIVED_POLICIES.find((name) => name === policy);
  if (own === undefined) return [];
  const keys = rows.map(({ attempt_key }) => attempt_key);
  const marks = ledger.marks.byAttempt(own, keys);
  return rows.flatMap(({ run, attempt_key: key, outcome }: OutcomeRow) =>
    (marks.get(key) ?? []).map(({ feature_id: feature, mark }) => ({
      ...{ run, key, feature, mark, outcome },
    })),
  );
}
