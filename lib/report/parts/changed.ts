// Owns the part `changed`: merges and verdicts of older rules, and what verdicts became under today's.
import { EVAL_RULES } from "../../eval/rules.ts";
import { MERGE_RULES } from "../../merge/rules.ts";
import { flag, RUN, text } from "../columns.ts";
import { changedByRules } from "../measures/changed.ts";
import type { Part } from "../part.ts";

const NOT_YET = { missing: "not evaluated since" };

export const part: Part = {
  name: "changed",
  label: "Merges and verdicts of older rules",
  summary: `Today's rules are merging ${MERGE_RULES} and evaluation ${EVAL_RULES}; CHANGELOG.md says what each version changed. \`eval\` judges again what is of older ones.`,
  empty: "every merge and every verdict is of today's rules, and none has replaced an older one",
  by: ["key", "policy"],
  columns: {
    key: text("key of the attempt"),
    policy: text("policy of the verdict; empty for a merge"),
    ...RUN,
    kind: text("`merge` or `verdict`"),
    rules_before: text("versions of the rules that the older one was made by"),
    rules_now: text("versions of the rules that took their place", NOT_YET),
    before: text("the older verdict, or how the merge went"),
    now: text("the verdict since", NOT_YET),
    differs: flag("whether the verdict is another one now", NOT_YET),
  },
  source: [{ file: "lib/report/measures/changed.ts", names: ["changedByRules"] }],
  rows: ({ ledger, rows }) =>
    changedByRules(
      ledger,
      rows.map(({ attempt_key }) => attempt_key),
    ),
};
