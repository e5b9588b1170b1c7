// Owns the registry of policies: the object of each name that the ledger stores verdicts under.
import type { DerivedPolicy, Era, Policy, Tested } from "../../core/vocabulary.ts";
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

/** What each tree is that a suite may have run on, for people. */
export const TESTED_TREES: Readonly<Record<Tested, string>> = {
  ...texts(DERIVED_RULES),
  alone: "each patch alone, with its own suite",
  ...texts(ERA_RULES),
};

function texts<Name extends Policy>(
  rules: Readonly<Record<Name, PolicyRules>>,
): Record<Name, string> {
  const entries = Object.entries<PolicyRules>(rules).map(([name, { tested }]) => [name, tested]);
  return Object.fromEntries(entries) as Record<Name, string>;
}
