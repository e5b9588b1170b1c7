// Owns the columns of a report: how each is written for people, its type in files, and what it means.

import type { Kind } from "./column-kind.ts";
import { MEASURE_COLUMNS } from "./measures/columns.ts";

/** In the order in which they stand in a table. A name with `_low` and its `_high` are an interval, with `_reason` why there is none. */
export const COLUMNS = {
  source: ["text", "where outcomes come from: `runs`, or the name of a published table"],
  version: [
    "text",
    "whose solo runs make difficulty: `plain` all, `leave-one-out` the other models'",
  ],
  run: ["text", "name of the run; empty where a fact is about the report as a whole"],
  run_a: ["text", "the first run of a comparison"],
  run_b: ["text", "the second run of a comparison"],
  key: ["text", "key of the attempt"],
  setting: ["text", "`coop` or `solo`"],
  agent: ["text", "name of the agent"],
  model: ["text", "name of the model; in `difficulty` with its agent, `all` for all together"],
  repo: ["text", "repository"],
  task: ["count", "number of the task"],
  check: ["text", "what was checked: `tests alone`, `gold`, `combined`"],
  backend: ["text", "where it was checked"],
  feature: ["count", "number of the feature"],
  mark: ["text", "what is to be known beside its suite's outcome"],
  fact: ["text", "what is said of the run"],
  finding: ["text", "what is counted"],
  value: ["text", "the fact itself"],
  kind: ["text", "path of a pass, beginning of a failure, `fault` or `pending`"],
  unit: ["text", "`agent`: one agent of one attempt; `attempt`: its agents together"],
  measure: ["text", "what is summed up"],
  measured_in: ["text", "its unit"],
  prices: ["text", "the price tables that costs were made by"],
  outcome: ["text", "what the experiment found"],
  path: ["text", "how the tested tree came about"],
  cause: ["text", "where the failure began"],
  what: ["text", "`coordination gap` for solo less coop of one agent and model, else `difference`"],
  k: ["count", "tries"],
  bucket: ["count", "0 easiest … 9 hardest"],
  difficulty: ["number", "middle of the bucket: 0 easiest, 1 hardest"],
  circular: ["flag", "whether difficulty comes from the very runs that are measured"],
  pairs: [
    "count",
    "attempts of the row (one a pair and try); in comparisons, areas and repeats: pairs",
  ],
  left_out: ["count", "pairs with fewer than k scored tries"],
  dropped: [
    "count",
    "pairs of either run that are not compared; in `difficulty`: not scored solo by every model",
  ],
  only_a: ["count", "of the dropped: scored in the first run alone"],
  only_b: ["count", "of the dropped: scored in the second run alone"],
  passed: ["count", "passed"],
  tries: ["count", "scored tries in the bucket, over pairs and models"],
  pass_rate: [
    "rate",
    "passed / scored; conflicts, empty and too large patches, limits, refusals and timeouts are in the denominator",
  ],
  rate: ["rate", "passed / tries"],
  rate_a: ["rate", "pass rate of the first run on the common pairs"],
  rate_b: ["rate", "pass rate of the second run on the common pairs"],
  difference: ["signed", "rate_a − rate_b"],
  pass_at_k: ["rate", "chance that one of k tries passes"],
  pass_hat_k: ["rate", "chance that all of k tries pass"],
  auc_solo: ["rate", "area under solo's rate over difficulty (at most .9)"],
  auc_coop: ["rate", "area under coop's"],
  retention: ["rate", "auc_coop / auc_solo"],
  share: [
    "rate",
    "share of the run's attempts (`splits`, `outcomes`), passes (`paths`), failures (`causes`)",
  ],
  share_of_verdict: ["rate", "share of the run's attempts with the same verdict"],
  by_task_low: ["signed", "95 % t interval, error clustered by task"],
  by_task_high: ["signed", "its upper bound"],
  by_task_reason: ["text", "why there is none"],
  bootstrap_low: ["signed", "95 % percentile interval, whole tasks drawn, both arms together"],
  bootstrap_high: ["signed", "its upper bound"],
  by_repo_low: ["signed", "95 % t interval, error clustered by repository: a check"],
  by_repo_high: ["signed", "its upper bound"],
  by_repo_reason: ["text", "why there is none"],
  wilson_low: ["rate", "Wilson's 95 % interval, as in the literature"],
  wilson_high: ["rate", "its upper bound"],
  sign_flip_p: ["p", "permutation test by task, two-sided"],
  holm_p: ["p", "sign_flip_p corrected over all comparisons of the table"],
  smallest_p: ["p", "the least that sign_flip_p could be with these tasks"],
  by_repo_p: ["p", "the same test by repository"],
  mcnemar_b: ["count", "pairs better in the first run"],
  mcnemar_c: ["count", "pairs better in the second run"],
  mcnemar_p: ["p", "exact McNemar test"],
  verdict: [
    "text",
    "of the equivalence test (two one-sided tests, by task); in `splits`: passed, failed, no verdict",
  ],
  margin: ["rate", "the difference that counts as none (`--margin`)"],
  smallest_margin: ["rate", "the margin from which on equivalence would be shown"],
  equivalence_low: ["signed", "90 % interval that must lie within ±margin"],
  equivalence_high: ["signed", "its upper bound"],
  pending: ["count", "attempts that wait for a verdict: outside the rate"],
  faults: ["count", "attempts that met a fault: outside the rate"],
  rate_if_faults_fail: ["rate", "the rate if every fault had failed"],
  rate_if_faults_pass: ["rate", "the rate if every fault had passed"],
  conflicts: ["count", "naive merges that conflict"],
  conflict_rate: ["rate", "conflicts over pairs whose patches all apply and are not empty"],
  merged: ["count", "attempts whose patches all apply and are not empty"],
  conflict_by_task_low: ["rate", "95 % t interval of the conflict rate, error clustered by task"],
  conflict_by_task_high: ["rate", "its upper bound"],
  conflict_by_task_reason: ["text", "why there is none"],
  conflict_wilson_low: ["rate", "Wilson's 95 % interval of the conflict rate"],
  conflict_wilson_high: ["rate", "its upper bound"],
  median_sections: ["number", "sections of the median conflict"],
  median_score: ["number", "score of the median conflict"],
  low: ["count", "conflicts with a score above 0"],
  medium: ["count", "above 20"],
  high: ["count", "above 50"],
  critical: ["count", "above 100"],
  apply_failed: ["count", "pairs with a patch that does not apply"],
  empty: ["count", "pairs with an empty patch"],
  apply_failed_share: ["rate", "and their share of the attempts"],
  empty_share: ["rate", "and the share of those with an empty patch"],
  fault_share: ["rate", "and of those with a fault"],
  unmerged: ["count", "attempts that wait for their merge"],
  n: ["count", "known values"],
  unknown: ["count", "values that are not known: outside the total"],
  q1: ["number", "first quartile"],
  median: ["number", "median"],
  q3: ["number", "third quartile"],
  mean: ["number", "mean"],
  total: ["number", "sum of the known values"],
  gold_ceiling: [
    "rate",
    "pass rate of the merged reference patches of the same pairs, under the same policy",
  ],
  cost_usd: ["usd", "US dollars of what is known; empty when nothing is"],
  cost_unknown: ["count", "attempts with a cost that is not known: outside cost_usd"],
  steps: ["count", "model calls of all agents"],
  max_steps_per_agent: ["count", "model calls that an agent may make"],
  max_steps_per_attempt: ["count", "and all agents of an attempt together"],
  messages: ["count", "messages sent"],
  features: ["count", "features checked"],
  as_it_should: ["count", "of these: as it should be"],
  unproven: ["text", "features of which the check proves nothing"],
  why: ["text", "why features are not as they should be, where a rule knows"],
  not: ["text", "features that are not"],
  flaky: ["text", "features whose repeats differ"],
  attempts: ["count", "attempts counted"],
  policy: ["text", "policy of our verdict: the one that fits the other system's strategy"],
  differs: ["text", "what differs: verdict, merge, or both"],
  theirs_passed: ["flag", "the imported verdict"],
  ours_passed: ["flag", "our verdict"],
  theirs_merge: ["text", "the imported merge status"],
  ours_merge: ["text", "our merge status"],
  strategy: ["text", "the other system's merge strategy"],
  ...MEASURE_COLUMNS,
  label: ["text", "what the model said; `no label` where it found nothing"],
  judged: ["count", "attempts that were judged"],
  labels: ["count", "labels given"],
  of: ["count", "of all that was judged: conversations, or messages"],
  share_of_evident: ["rate", "among failures that the conversation has evidence of"],
  paper_share: ["rate", "share of failed coop runs in the CooperBench paper"],
  prompt_sha256: ["text", "hash of the words that the model was asked in"],
} as const satisfies Record<string, readonly [Kind, string]>;

const ORDER = Object.keys(COLUMNS);
const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries(COLUMNS).map(([name, [kind]]) => [name, kind]),
);

/** How a column is written; undefined for a column that is not the report's, such as a query's. */
export function kindOf(column: string): Kind | undefined {
  return KINDS.get(column);
}

/**
 * Names of all columns of the rows: labels first, then a report's in their order. Where one is not the report's, all come
 * as they are in the rows.
 */
export function columnsOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  labels: readonly string[],
): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.some((name) => !KINDS.has(name))) return names;
  const first = labels.filter((label) => names.includes(label));
  const rest = names.filter((name) => !first.includes(name));
  return [...first, ...rest.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))];
}
