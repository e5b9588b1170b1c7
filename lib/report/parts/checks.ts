// Owns the part `checks`: what check-dataset found about the tasks that were tried.

import { checkLines } from "../check-lines.ts";
import { count, REPO, TASK, text } from "../columns.ts";
import type { Part } from "../part.ts";

export const part: Part = {
  name: "checks",
  label: "Checks of the dataset: tests alone must fail, gold and combined must pass",
  empty: "check-dataset has not looked at these tasks",
  by: ["repo", "task", "check"],
  columns: {
    ...REPO,
    ...TASK,
    check: text("what was checked: `tests alone`, `gold`, `combined`"),
    backend: text("where it was checked"),
    features: count("features checked"),
    as_it_should: count("features that are as they should be"),
    unproven_features: text("features for which the check proves nothing"),
    why_not_as_it_should: text("why features are not as they should be, where a rule knows"),
    not_as_it_should: text("features that are not as they should be"),
    flaky_features: text("features whose repeats differ"),
  },
  source: [{ file: "db/checks.ts", names: ["checkStore"] }],
  rows: ({ rows, ledger }) => checkLines(ledger.checks.all(), rows),
};
