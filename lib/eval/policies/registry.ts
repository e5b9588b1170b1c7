// Owns the registry of policies: the object of each name that the ledger stores verdicts under.
import type { DerivedPolicy, Era, Policy } from "../../core/vocabulary.ts";
import { agent1 } from "./agent1.ts";
import { era0014 } from "./era-0-0-14.ts";
import { era0029 } from "./era-0-0-29.ts";
import { imported } from "./imported.ts";
import { naive } from "./naive.ts";
import type { DerivedRules, EraRules, PolicyRules } from "./types.ts";
import { union } from "./union.ts";

export const DERIVED_RULES: Readonly<Record<DerivedPolicy, DerivedRules>> = {
  naive,
  union,
  agent1,
};
export const ERA_RULES: Readonly<Record<Era, EraRules>> = { "0.0.14": era0014, "0.0.29": era0029 };
export const POLICY_RULES: Readonly<Record<Policy, PolicyRules>> = {
  ...DERIVED_RULES,
  ...ERA_RULES,
  imported,
};
