// Owns the policy `naive`: a conflict fails the pair.
import type { DerivedRules } from "./types.ts";

export const naive: DerivedRules = {
  name: "naive",
  made: "derived",
  meaning: "the clean `git merge` of agent1 into agent2; a conflict fails the pair",
  tested: "the naive merge",
  differs: "neither 0.0.14 nor 0.0.29 fails a pair for its conflict alone",
  strategy: "naive",
  tree: (trees) => trees.naive,
  path: (identical) => (identical ? "identical" : "clean"),
};
