// Owns the policy `imported`: the verdict that came with imported logs.
import type { ImportedRules } from "./types.ts";

export const imported: ImportedRules = {
  name: "imported",
  made: "imported",
  meaning: "the verdict that came with imported logs; nothing is tested for it",
  tested: "nothing here",
  differs: "it is CooperBench's own verdict, as its logs have it",
};
