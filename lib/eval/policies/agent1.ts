// Owns the policy `agent1`: on conflict the first agent's patch stands alone.
import type { DerivedRules } from "./types.ts";

export const agent1: DerivedRules = {
  name: "agent1",
  made: "derived",
  meaning: "the clean merge; on conflict, agent1's patch alone",
  tested: "the first agent's patch",
  differs: "as 0.0.29 chooses, but with Tandem's own handling of patches and reading of output",
  strategy: null,
  tree: (trees) => trees.first_alone,
  path: () => "one patch",
};
