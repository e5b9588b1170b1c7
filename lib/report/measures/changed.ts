// Owns which stored merges and verdicts are of older rules, and what verdicts became under today's.
import type { Ledger } from "../../../db/ledger.ts";
import type { MergeRow, ScoreRow } from "../../../db/schema.ts";
import { DERIVED_POLICIES } from "../../core/vocabulary.ts";
import { evalRules } from "../../eval/changed.ts";
import { EVAL_RULES } from "../../eval/rules.ts";
import type { MergeInputs } from "../../merge/inputs.ts";
import { ledgerInputs } from "../../merge/planned.ts";
import { MERGE_RULES, mergeHash, mergeRules, treeOf, versionsTo } from "../../merge/rules.ts";

/** Versions of rules; for a merge only its own. */
type Rules = { readonly merging: number; readonly evaluation?: number };
/** `rules_now` and `now` are null until it is evaluated again; `differs` too. */
export type Changed = {
  readonly key: string;
  readonly policy: string | null;
  readonly run: string;
  readonly kind: "merge" | "verdict";
  readonly rules_before: string;
  readonly rules_now: string | null;
  readonly before: string;
  readonly now: string | null;
  readonly differs: boolean | null;
};

/** What one attempt's merge and verdicts may rest on. */
type Attempt = {
  readonly key: string;
  readonly run: string;
  readonly inputs: MergeInputs;
  readonly merge: MergeRow;
  readonly environments: readonly string[];
};

/** Of these attempts; those whose merge and verdicts are all of today's rules, and always were, have no row. */
export function changedByRules(ledger: Ledger, keys: readonly string[]): Changed[] {
  const merges = ledger.merges.ofAll(keys);
  const now = DERIVED_POLICIES.map((policy) => ledger.scores.ofAll(policy, keys));
  const earlier = Map.groupBy(ledger.earlier_scores.of(keys), ({ attempt_key }) => attempt_key);
  const environments = Map.groupBy(ledger.earlier_scores.environments(), taskName);
  return ledgerInputs(ledger, keys).flatMap((inputs) => {
    const { attempt_key: key, run } = inputs.attempt;
    const merge = merges.get(key)?.find(({ strategy }) => strategy === "naive");
    if (merge === undefined) return [];
    const known = (environments.get(taskName(inputs.attempt)) ?? []).map(
      ({ environment }) => environment,
    );
    const attempt = { key, run, inputs, merge, environments: known };
    const verdicts = now.flatMap((byKey) => byKey.get(key) ?? []);
    return [
      ...changedMerge(attempt),
      ...verdicts.flatMap((row) => changedVerdict(attempt, row, earlier.get(key) ?? [])),
    ];
  });
}

function taskName({ repo, task_id }: { readonly repo: string; readonly task_id: number }): string {
  return `${repo}/task${task_id}`;
}

function changedMerge({ key, run, inputs, merge }: Attempt): Changed[] {
  const merging = mergeRules(merge, inputs);
  if (merging === undefined || merging === MERGE_RULES) return [];
  return [
    {
      ...{ key, run, kind: "merge", policy: null, rules_before: rulesText({ merging }) },
      ...{ rules_now: null, before: merge.status, now: null, differs: null },
    },
  ];
}

/** A verdict of older rules, or one of today's that took the place of one of older rules. */
function changedVerdict(attempt: Attempt, row: ScoreRow, earlier: readonly ScoreRow[]): Changed[] {
  const { key, run } = attempt;
  const { policy } = row;
  const about = { key, run, kind: "verdict", policy } as const;
  const rules = verdictRules(attempt, row);
  if (rules !== undefined && isOld(rules))
    return [
      {
        ...{ ...about, rules_before: rulesText(rules), before: row.outcome },
        ...{ rules_now: null, now: null, differs: null },
      },
    ];
  const old = earlier
    .filter((other) => other.policy === policy)
    .map((other) => ({ other, was: verdictRules(attempt, other) }))
    .find(({ was }) => was !== undefined && isOld(was));
  if (old?.was === undefined || rules === undefined) return [];
  return [
    {
      ...{ ...about, rules_before: rulesText(old.was), rules_now: rulesText(rules) },
      ...{
        before: old.other.outcome,
        now: row.outcome,
        differs: old.other.outcome !== row.outcome,
      },
    },
  ];
}

/** By which rules of both kinds a verdict was given; undefined where it rests on something else than the attempt does now. */
function verdictRules(
  { inputs, merge, environments }: Attempt,
  { inputs_hash }: ScoreRow,
): Required<Rules> | undefined {
  for (const merging of versionsTo(MERGE_RULES))
    for (const environment of environments)
      for (const premerge of [true, false]) {
        const rests = { merge: mergeHash(inputs, treeOf(merge), merging), environment, premerge };
        const evaluation = evalRules(inputs_hash, rests);
        if (evaluation !== undefined) return { merging, evaluation };
      }
  return undefined;
}

function isOld({ merging, evaluation = EVAL_RULES }: Rules): boolean {
  return merging !== MERGE_RULES || evaluation !== EVAL_RULES;
}

function rulesText({ merging, evaluation }: Rules): string {
  return evaluation === undefined
    ? `merging ${merging}`
    : `merging ${merging}, evaluation ${evaluation}`;
}
