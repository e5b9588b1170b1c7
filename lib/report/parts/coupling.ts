// Owns the part `coupling`: what the coupling of patches says about conflicts.
import { count, RUN, rate, text } from "../columns.ts";
import { scopeOf } from "../context.ts";
import { couplingLines } from "../measures/coupling.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "coupling",
  label: "What the coupling of patches says about conflicts",
  summary:
    "precision is the conflict rate of the attempts with the trait, recall the share of conflicts that have it; same scope is by the text behind a hunk's second @@.",
  empty: "nothing is merged",
  by: ["run", "patches", "merge", "trait"],
  columns: {
    ...RUN,
    patches: text("whose patches: `gold` for the reference patches, `agents`"),
    merge: text("which naive merge: of the reference patches (`gold`) or the run's own (`run`)"),
    trait: text("what the patches of a pair have in common"),
    share: rate("share of the attempts with the trait"),
    conflicts: count("naive merges that conflict"),
    attempts: count("attempts whose merge is clean or conflicts"),
    attempts_with_trait: count("attempts with the trait"),
    conflicts_with_trait: count("conflicts among the attempts with the trait"),
    precision: rate("conflicts_with_trait / attempts_with_trait: the conflict rate with the trait"),
    recall: rate("conflicts_with_trait / conflicts"),
    conflict_rate_without_trait: rate("conflict rate of the attempts without the trait"),
  },
  source: [SOURCES.measures, { file: "lib/dataset/traits.ts", names: ["couplingOf"] }],
  rows: (context) => couplingLines(context.ledger, scopeOf(context)),
  chapter: "Merging",
  slow: true,
};
