// Owns the part `differences`: imported attempts whose verdict or merge differs from ours.
import { wholeDifferences } from "../against.ts";
import { flag, RUN, text } from "../columns.ts";
import type { Part } from "../part.ts";

export const part: Part = {
  name: "differences",
  label: "Imported attempts whose verdict or merge differs from ours",
  empty: "no verdict or merge differs",
  by: ["key"],
  columns: {
    key: text("key of the attempt"),
    ...RUN,
    outcome: text("what our evaluation found"),
    policy: text("policy of our verdict: the one that fits the other system's strategy"),
    differs: text("what differs: verdict, merge, or both"),
    theirs_passed: flag("the imported verdict", { missing: "no verdict there" }),
    ours_passed: flag("our verdict", { missing: "no verdict yet" }),
    theirs_merge: text("the imported merge status"),
    ours_merge: text("our merge status"),
    strategy: text("the other system's merge strategy"),
  },
  source: [{ file: "lib/cooperbench/differences.ts", names: ["importedDifferences"] }],
  rows: (context) => wholeDifferences(context).rows,
};
