// Owns the part `differences`: imported attempts whose verdict or merge differs from Tandem's.
import { wholeDifferences } from "../against.ts";
import { flag, RUN, text } from "../columns.ts";
import type { Part } from "../part.ts";

export const part: Part = {
  name: "differences",
  label: "Imported attempts whose verdict or merge differs from Tandem's",
  empty: "no verdict or merge differs",
  by: ["key"],
  columns: {
    key: text("key of the attempt"),
    ...RUN,
    outcome: text("what Tandem's evaluation found"),
    policy: text("policy of Tandem's verdict: the one that fits the imported run's strategy"),
    differs: text("what differs: verdict, merge, or both"),
    theirs_passed: flag("the imported verdict", { missing: "no verdict was imported" }),
    ours_passed: flag("Tandem's verdict", { missing: "no verdict yet" }),
    theirs_merge: text("the imported merge status"),
    ours_merge: text("Tandem's merge status"),
    strategy: text("the imported run's merge strategy"),
  },
  source: [{ file: "lib/cooperbench/differences.ts", names: ["importedDifferences"] }],
  rows: (context) => wholeDifferences(context).rows,
};
