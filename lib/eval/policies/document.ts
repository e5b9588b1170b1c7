// Owns the page of policies: made from their objects.
import { DEFAULT_POLICY, POLICIES } from "../../core/vocabulary.ts";
import { POLICY_RULES } from "./registry.ts";
import type { PolicyRules } from "./types.ts";

const OPENING = `# Policies

Made from \`lib/eval/policies\` by \`npm run docs\`; do not edit it here.

A policy says which tree may pass for a pair whose patches conflict. Every score names the policy it was made under; results under different policies
cannot be compared. \`${DEFAULT_POLICY}\` is the one that reports use by default. *Derived*: from the merges and suites of one \`eval\`.
*Evaluated*: by an evaluation of its own, \`eval --compat NAME\`. *Imported*: with logs.
`;

/** The whole page as Markdown. */
export function policiesDocument(): string {
  const head = ["policy", "made", "merge", "a pair passes on", "where it differs from CooperBench"];
  const rows = POLICIES.map((name) => cells(POLICY_RULES[name]));
  const lines = [head, head.map(() => "---"), ...rows];
  return `${OPENING}\n${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}

function cells(rules: PolicyRules): string[] {
  const strategy = rules.made === "derived" && rules.strategy !== null ? rules.strategy : "";
  return [`\`${rules.name}\``, rules.made, strategy, rules.meaning, rules.differs];
}
