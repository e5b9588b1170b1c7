// Owns the policy `union`: on conflict both sides' lines are kept.
import type { DerivedRules } from "./types.ts";

export const union: DerivedRules = {
  name: "union",
  made: "derived",
  meaning: "the clean merge; on conflict, the merge that keeps both sides' lines",
  tested: "the union merge",
  differs: "as 0.0.14 chooses, but with Tandem's own handling of patches and reading of output",
  strategy: "union",
  tree: (trees) => trees.union,
  path: () => "union",
};
