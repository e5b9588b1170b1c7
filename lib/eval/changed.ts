// Owns what changed since verdicts that are not current: the rules, what was asked for, or what they rest on.
import { versionsTo } from "../merge/rules.ts";
import {
  type StoredVerdicts,
  type VerdictInputs,
  type VerdictRests,
  type VerdictSources,
  verdictHash,
} from "./planned.ts";
import { EVAL_RULES } from "./rules.ts";

/** Why the verdicts asked for are to be given again. */
export function verdictChange(
  stored: StoredVerdicts,
  { merges, environment, holds }: VerdictInputs,
  { policies, premerge }: Pick<VerdictSources, "policies" | "premerge">,
): string {
  const missing = policies.filter((policy) => !stored.has(policy));
  if (missing.length > 0) return `not judged under ${missing.join(", ")} yet`;
  const [merge] = merges;
  if (merge === undefined) return "it is merged anew first";
  const row = policies.flatMap((policy) => stored.get(policy) ?? [])[0];
  const rests = { merge: merge.inputs_hash, environment, premerge };
  const rules = row && evalRules(row.inputs_hash, rests);
  if (rules !== undefined && rules !== EVAL_RULES)
    return `the rules of evaluation changed ${rules} → ${EVAL_RULES}`;
  if (!holds) return "a limit of its suites changed";
  if (row?.inputs_hash === verdictHash({ ...rests, premerge: !premerge }))
    return `premerge changed ${!premerge} → ${premerge}`;
  if (row !== undefined && merge.merged_at > row.scored_at) return "it was merged anew";
  return "its image, or how it is prepared, changed";
}

/** The version of the rules by which a verdict was given on the same; undefined where it rests on something else. */
export function evalRules(inputs_hash: string, rests: VerdictRests): number | undefined {
  return versionsTo(EVAL_RULES).find((rules) => inputs_hash === verdictHash(rests, rules));
}
